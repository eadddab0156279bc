from django.contrib.admin.apps import AdminConfig


class ParlorAdminConfig(AdminConfig):
    default_site = "apps.core.admin.ParlorAdminSite"

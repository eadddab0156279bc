from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.users.views import dismiss_announcement
from site_config import health

site: list[URLPattern | URLResolver] = [
    path("", include(health)),
    path("", include("apps.core.urls")),
    path("users/", include("apps.users.urls")),
    path("announcements/<int:pk>/dismiss/", dismiss_announcement, name="dismiss_announcement"),
    path("chat/", include("apps.chat.urls")),
    path("gallery/", include("apps.ghibli_converter.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
]

urlpatterns = site
if settings.SITE_PREFIX:  # Probes of this machine need not know it.
    urlpatterns = [path("", include(health)), path(settings.SITE_PREFIX, include(site))]

handler400 = "apps.core.views.bad_request"
handler404 = "apps.core.views.page_not_found"
handler500 = "apps.core.views.server_error"

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()

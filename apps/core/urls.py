from django.urls import path

from apps.core import views
from apps.core.monitoring.metrics_view import metrics_page

urlpatterns = [
    path("", views.home, name="home"),
    path("metrics/", metrics_page, name="metrics"),
]

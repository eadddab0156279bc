from django.urls import path

from apps.ghibli_converter import views

urlpatterns = [path("", views.gallery, name="gallery")]

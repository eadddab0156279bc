from django.urls import path

from apps.ghibli_converter.views import actions, files, gallery, pictures, trash

urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("act/", actions.act_on_pictures, name="act_on_pictures"),
    path("delete/", trash.delete_pictures, name="delete_pictures"),
    path("trash/", trash.gallery_trash, name="gallery_trash"),
    path("restore/", trash.restore_pictures, name="restore_pictures"),
    path("erase/", trash.erase_pictures, name="erase_pictures"),
    path("styles/<int:pk>/example/", files.style_example, name="style_example"),
    path("shared/<str:token>/", files.shared_picture, name="shared_picture"),
    path("shared/<str:token>/file/", files.shared_picture_file, name="shared_picture_file"),
    path("<int:pk>/", pictures.picture, name="picture"),
    path("<int:pk>/follow/", pictures.follow_picture, name="follow_picture"),
    path("<int:pk>/progress/", pictures.picture_progress, name="picture_progress"),
    path("<int:pk>/card/", pictures.picture_card, name="picture_card"),
    path("<int:pk>/file/", files.picture_file, name="picture_file"),
    path("<int:pk>/original/", files.picture_original, name="picture_original"),
    path("<int:pk>/thumbnail/", files.picture_thumbnail, name="picture_thumbnail"),
    path("<int:pk>/cancel/", pictures.cancel_picture, name="cancel_picture"),
    path("<int:pk>/retry/", pictures.retry_picture, name="retry_picture"),
    path("<int:pk>/again/", pictures.again_picture, name="again_picture"),
    path("<int:pk>/use/", pictures.use_picture, name="use_picture"),
    path("<int:pk>/describe/", pictures.describe_picture, name="describe_picture"),
    path(
        "<int:pk>/favourite/",
        pictures.mark_picture,
        {"is_favourite": True},
        name="favourite_picture",
    ),
    path(
        "<int:pk>/unfavourite/",
        pictures.mark_picture,
        {"is_favourite": False},
        name="unfavourite_picture",
    ),
    path("<int:pk>/share/", pictures.share_picture, name="share_picture"),
    path("<int:pk>/unshare/", pictures.unshare_picture, name="unshare_picture"),
]

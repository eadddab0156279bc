"""How a test asks for pictures: by the forms that a browser would use."""

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.ghibli_converter.models import Picture
from tests.chat.talk import post
from tests.live_server import wait_until
from tests.uploads import sideways_photo


def convert(client, data=None, name="photo.jpg", headers=None, **fields):
    """Upload a photo to be converted; return the response."""
    photo = SimpleUploadedFile(name, sideways_photo() if data is None else data)
    form = {"kind": "convert", "photo": photo, "key": str(uuid.uuid4()), **fields}
    return client.post("/gallery/", form, headers=headers)


def create(client, words="A lighthouse in the fog", headers=None, **fields):
    """Ask for a picture from words; return the response."""
    form = {"kind": "create", "words": words, "key": str(uuid.uuid4()), **fields}
    return post(client, "/gallery/", headers=headers, **form)


def ended(picture=None):
    """Wait until the picture, or the newest, has ended, and return its row."""
    pk = picture.pk if picture else Picture.with_trash.latest("pk").pk

    def final():
        row = Picture.with_trash.get(pk=pk)
        return None if row.is_in_progress else row

    return wait_until(final, describe=lambda: vars(Picture.with_trash.get(pk=pk)))


def made(client, words="A lighthouse in the fog", **fields):
    """Have a picture made from words, and return its row when it has ended."""
    response = create(client, words, **fields)
    assert response.status_code == 303, response.content.decode()
    return ended()


def converted(client, data=None, **fields):
    response = convert(client, data, **fields)
    assert response.status_code == 303, response.content.decode()
    return ended()


def address(picture, action=""):
    return f"/gallery/{picture.pk}/{action}/" if action else f"/gallery/{picture.pk}/"


def stored_files(media):
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())

"""How a test asks for pictures: by the forms that a browser would use."""

from apps.ghibli_converter.models import Picture
from tests.server import wait_until


def ended(picture):
    """Wait until the picture has ended, and return its row."""

    def final():
        row = Picture.with_trash.get(pk=picture.pk)
        return None if row.is_in_progress else row

    return wait_until(final, describe=lambda: vars(Picture.with_trash.get(pk=picture.pk)))

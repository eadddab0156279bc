"""The tables of pictures and styles. Other packages import them from here."""

from apps.ghibli_converter.models.pictures import (
    ALT_CHARS,
    NAME_CHARS,
    WORDS_CHARS,
    Picture,
    PictureQuerySet,
)
from apps.ghibli_converter.models.styles import Style, StyleQuerySet

__all__ = [
    "ALT_CHARS",
    "NAME_CHARS",
    "WORDS_CHARS",
    "Picture",
    "PictureQuerySet",
    "Style",
    "StyleQuerySet",
]

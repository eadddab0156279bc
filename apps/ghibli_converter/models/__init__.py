from .pictures import (
    ALT_CHARS,
    NAME_CHARS,
    WORDS_CHARS,
    Picture,
    PictureQuerySet,
)
from .styles import Style, StyleQuerySet

__all__ = [
    "ALT_CHARS",
    "NAME_CHARS",
    "WORDS_CHARS",
    "Picture",
    "PictureQuerySet",
    "Style",
    "StyleQuerySet",
]

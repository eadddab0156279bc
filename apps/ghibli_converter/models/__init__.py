from .pictures import (
    ALT_CHARS,
    LONG_AGO,
    NAME_CHARS,
    WORDS_CHARS,
    Picture,
    PictureQuerySet,
)
from .styles import Style, StyleQuerySet

__all__ = [
    "ALT_CHARS",
    "LONG_AGO",
    "NAME_CHARS",
    "WORDS_CHARS",
    "Picture",
    "PictureQuerySet",
    "Style",
    "StyleQuerySet",
]

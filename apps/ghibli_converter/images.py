"""Pictures that people upload, made harmless: the only import of PIL.

What comes out was decoded and encoded anew: upright, 8 bits a channel, sRGB, without metadata, no
larger than it has to be. PIL is imported when the first picture comes; most servers wait long.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_EDGE = 2048  # Pixels; models see no more, and screens hardly.
THUMBNAIL_EDGE = 480  # Pixels, on a screen with two to each of a style sheet's.
MADE_BYTES = 50_000_000  # What a model has made may be larger than what people upload.
_LARGE_PNG = 2_000_000  # Bytes, beyond which a picture without sharp edges was put into a PNG.
_ORIENTATION = 0x0112
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
_DIRECT = {"L", "RGB", "CMYK", "RGBA"}  # What can be reduced before it is converted.

_decoding = threading.Lock()  # A picture takes up to 200 MB for a moment: one at a time.


class PictureRefused(Exception):
    """These bytes are no picture that we take; its text says so to the person."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is stored and sent on."""

    data: bytes
    format: str  # "png", "jpeg" or "webp".
    width: int
    height: int

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


def kind_of(head: bytes) -> str:
    """Return the format that the first 16 bytes announce, in PIL's words, or "" for none."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return "HEIF" if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS else ""


def check(file: IO[bytes]) -> None:
    """Raise PictureRefused if normalise() would for what the header tells."""
    _opened(file).close()


def normalise(
    file: IO[bytes], max_edge: int = MAX_EDGE, *, most_bytes: int | None = None
) -> Picture:
    """Return the picture in a file, or its first frame, as it may be stored.

    Raise PictureRefused for what is no picture, is damaged, or exceeds IMAGE_MAX_BYTES (or
    most_bytes) or IMAGE_MAX_PIXELS; the pixels are counted by the header, before any is decoded.
    """
    with _decoding, _opened(file, most_bytes) as source:
        image = _guarded(lambda: _upright(source, max_edge))
        return _encoded(image, is_photo=source.format in ("JPEG", "MPO", "HEIF"))


def accept(file: IO[bytes]) -> Picture:
    """Return a picture that a model made, in all its pixels. Raise PictureRefused."""
    with _decoding, _opened(file, MADE_BYTES) as source:
        image = _guarded(lambda: _upright(source, max(source.size)))
        return _saved(image, "PNG")


def thumbnail(picture: Picture, max_edge: int = THUMBNAIL_EDGE) -> Picture:
    """Return a small copy of a picture that normalise() has made."""
    with _decoding, _opened(BytesIO(picture.data), MADE_BYTES) as source:
        image = _reduced(source, max_edge)
        return _saved(image, "WEBP", quality=80)


def _opened(file: IO[bytes], most_bytes: int | None = None) -> "Image":
    """Read the header of the picture, and refuse it if that is reason enough."""
    from PIL import Image, WebPImagePlugin  # noqa: F401  # PIL knows WebP only when it is imported.

    most_bytes = most_bytes or settings.IMAGE_MAX_BYTES
    if file.seek(0, 2) > most_bytes:
        sentence = gettext("This picture is too large; {limit} are allowed.")
        raise PictureRefused(sentence.format(limit=filesizeformat(most_bytes)))
    file.seek(0)
    kind = kind_of(file.read(16))
    if not kind:
        raise PictureRefused(gettext("This is not a picture we can use (PNG, JPEG, WebP)."))
    if kind == "HEIF":
        _learn_heif()
    file.seek(0)
    image = _guarded(lambda: Image.open(file, formats=[kind]))
    if image.width * image.height > settings.IMAGE_MAX_PIXELS:
        image.close()
        raise PictureRefused(_too_many_pixels())
    return image


def _learn_heif() -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        sentence = gettext("HEIC pictures cannot be read here. Save it as JPEG or PNG first.")
        raise PictureRefused(sentence) from error
    register_heif_opener(thumbnails=False)


def _guarded(decode: "Callable[[], Image]") -> "Image":
    """Run a decoder; whatever it trips over is the picture's fault."""
    from PIL import Image

    try:
        return decode()
    except Image.DecompressionBombError as error:
        raise PictureRefused(_too_many_pixels()) from error
    except Exception as error:  # Hostile bytes make decoders raise anything.
        sentence = gettext("This picture is damaged, or not a picture at all.")
        raise PictureRefused(sentence) from error


def _too_many_pixels() -> str:
    sentence = gettext("This picture has too many pixels; {n} megapixels are allowed.")
    return sentence.format(n=settings.IMAGE_MAX_PIXELS // 1_000_000)


def _upright(source: "Image", max_edge: int) -> "Image":
    """Decode, as small as will do: a JPEG at a fraction of its size at once."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = None
    with suppress(Exception):  # Metadata that cannot be read is dropped like all of it.
        turn = turns.get(source.getexif().get(_ORIENTATION, 1))
    image = _reduced(source, max_edge)
    return image if turn is None else image.transpose(turn)


def _reduced(source: "Image", max_edge: int) -> "Image":
    profile = source.info.get("icc_profile")
    image = source if source.mode in _DIRECT else _converted(source)
    image.thumbnail((max_edge, max_edge), reducing_gap=2.0)
    image = _converted(_in_srgb(image, profile))
    image.info = {}  # What encoders would write into the file again.
    return image


def _converted(image: "Image") -> "Image":
    """Return the picture as RGB, or as RGBA if any of it can be seen through."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    is_opaque = image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if is_opaque else image


def _in_srgb(image: "Image", profile: object) -> "Image":
    """Return the picture in the colours that go without a profile, if the profile is of any use."""
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    from PIL import ImageCms

    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    return image


def _encoded(image: "Image", *, is_photo: bool) -> Picture:
    if is_photo and image.mode == "RGB":
        return _saved(image, "JPEG", quality=88)
    picture = _saved(image, "PNG")
    if len(picture.data) > _LARGE_PNG:
        return _saved(image, "WEBP", quality=88, method=2)
    return picture


def _saved(image: "Image", kind: str, **options: int) -> Picture:
    file = BytesIO()
    image.save(file, kind, **options)
    return Picture(file.getvalue(), kind.lower(), image.width, image.height)

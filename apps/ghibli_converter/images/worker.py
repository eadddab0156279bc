"""A program of its own that decodes a picture, and prints it as it may be stored.

    python -I image_worker.py '{"max_edge": 2048, "small_edge": 480, ...}' < picture

Decoders take up to a gigabyte for a moment, of which the process keeps much, and are what hostile
bytes aim at. So this runs apart, knows no settings and no secrets, limits itself before it reads a
byte, and ends. What comes out was decoded and encoded anew: upright, 8 bits a channel, sRGB,
without metadata, no larger than it has to be.

It prints a line of JSON, `{"pictures": [{"format", "width", "height", "bytes"}, ...]}`, with the
bytes of each after it: the picture, and a small copy if `small_edge` (pixels) is given. Or the line
says `{"error": reason}`: "heic" (no decoder here), "pixels" (more than `max_pixels`) or "damaged".
"""

import json
import os
import resource
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, WebPImagePlugin  # noqa: F401  # It knows WebP when imported.
from PIL.Image import Transpose

MEMORY = 400 * 1024 * 1024  # Bytes of address space for the interpreter and its libraries,
MEMORY_PER_PIXEL = 32  # and for each pixel that may come: decoded, converted, turned.
SECONDS = 40  # Of computing.
_LARGE_PNG = 2_000_000  # Bytes, beyond which a picture without sharp edges was put into a PNG.
_ORIENTATION = 0x0112
_DIRECT = {"L", "RGB", "CMYK", "RGBA"}  # What can be reduced before it is converted.
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


class Unfit(Exception):
    """The picture cannot be used; the argument is the reason."""


def work(data: bytes, wishes: dict[str, Any]) -> list[tuple["Image.Image", str, bytes]]:
    """Return the picture, and its small copy if wanted: each decoded, its format, its bytes."""
    with _opened(data, wishes["kind"], wishes["max_pixels"]) as source:
        is_photo = source.format in ("JPEG", "MPO", "HEIF")
        image = _guarded(lambda: _upright(source, wishes["max_edge"] or max(source.size)))
    kind, encoded = (
        _encoded(image, is_photo) if wishes["max_edge"] else ("PNG", _saved(image, "PNG"))
    )
    made = [(image, kind, encoded)]
    if wishes["small_edge"]:
        edge = wishes["small_edge"]
        small = image.copy()
        small.thumbnail((edge, edge), reducing_gap=2.0)
        made.append((small, "WEBP", _saved(small, "WEBP", quality=80)))
    return made


def _opened(data: bytes, kind: str, max_pixels: int) -> "Image.Image":
    """Read the header of the picture, and refuse it if that is reason enough."""
    if kind == "HEIF":
        _learn_heif()
    image = _guarded(lambda: Image.open(BytesIO(data), formats=[kind]))
    if image.width * image.height > max_pixels:
        raise Unfit("pixels")
    return image


def _learn_heif() -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise Unfit("heic") from error
    register_heif_opener(thumbnails=False)


def _guarded(decode: "Callable[[], Image.Image]") -> "Image.Image":
    """Run a decoder; whatever it trips over is the picture's fault."""
    try:
        return decode()
    except Image.DecompressionBombError as error:
        raise Unfit("pixels") from error
    except Exception as error:  # Hostile bytes make decoders raise anything.
        raise Unfit("damaged") from error


def _upright(source: "Image.Image", max_edge: int) -> "Image.Image":
    """Decode, as small as will do: a JPEG at a fraction of its size at once."""
    turn = None
    with suppress(Exception):  # Metadata that cannot be read is dropped like all of it.
        turn = _TURNS.get(source.getexif().get(_ORIENTATION, 1))
    image = _reduced(source, max_edge)
    return image if turn is None else image.transpose(turn)


def _reduced(source: "Image.Image", max_edge: int) -> "Image.Image":
    profile = source.info.get("icc_profile")
    image = source if source.mode in _DIRECT else _converted(source)
    image.thumbnail((max_edge, max_edge), reducing_gap=2.0)
    image = _converted(_in_srgb(image, profile))
    image.info = {}  # What encoders would write into the file again.
    return image


def _converted(image: "Image.Image") -> "Image.Image":
    """Return the picture as RGB, or as RGBA if any of it can be seen through."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    is_opaque = image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if is_opaque else image


def _in_srgb(image: "Image.Image", profile: object) -> "Image.Image":
    """Return the picture in the colours that go without a profile, if the profile is of any use."""
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    return image


def _encoded(image: "Image.Image", is_photo: bool) -> tuple[str, bytes]:
    if is_photo and image.mode == "RGB":
        return "JPEG", _saved(image, "JPEG", quality=88)
    data = _saved(image, "PNG")
    if len(data) > _LARGE_PNG:
        return "WEBP", _saved(image, "WEBP", quality=88, method=2)
    return "PNG", data


def _saved(image: "Image.Image", kind: str, **options: int) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _limit(max_pixels: int) -> None:
    memory = MEMORY + MEMORY_PER_PIXEL * max_pixels
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # It writes no file.
    os.nice(10)  # Replies that are being written go first.
    warnings.simplefilter("ignore")


def main(wishes: dict[str, Any]) -> None:
    _limit(wishes["max_pixels"])
    try:
        made = work(sys.stdin.buffer.read(), wishes)
    except Unfit as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return
    about = [
        {"format": kind.lower(), "width": image.width, "height": image.height, "bytes": len(data)}
        for image, kind, data in made
    ]
    sys.stdout.buffer.write(json.dumps({"pictures": about}).encode() + b"\n")
    for _image, _kind, data in made:
        sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

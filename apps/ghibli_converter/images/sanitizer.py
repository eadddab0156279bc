"""Pictures that people upload, made harmless by a process of its own: image_worker.py."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO, Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

MAX_EDGE = 2048  # Pixels; models see no more, and screens hardly.
THUMBNAIL_EDGE = 480  # Pixels, on a screen with two to each of a style sheet's.
MADE_BYTES = 50_000_000  # What a model has made may be larger than what people upload.
SECONDS = 60  # That the process may take, on a busy machine.
_PROGRAM = Path(__file__).with_name("worker.py")
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
# What models and tools draw, but nobody's camera: taken of replies only.
_RARE_SIGNATURES = {b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}

_decoding = threading.Lock()  # A picture takes hundreds of MB for a moment: one at a time.


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


def rare_kind_of(head: bytes) -> str:
    """Return the same for formats that people do not upload."""
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS:
        return "AVIF"
    return next((kind for start, kind in _RARE_SIGNATURES.items() if head.startswith(start)), "")


def normalise(
    file: IO[bytes], max_edge: int = MAX_EDGE, *, most_bytes: int | None = None
) -> Picture:
    """Return the picture in a file, or its first frame, as it may be stored.

    Raise PictureRefused for what is no picture, is damaged, or exceeds IMAGE_MAX_BYTES (or
    most_bytes) or IMAGE_MAX_PIXELS; the pixels are counted by the header, before any is decoded.
    """
    return _worked(file, most_bytes, max_edge=max_edge)[0]


def with_thumbnail(
    file: IO[bytes], max_edge: int = MAX_EDGE, *, most_bytes: int | None = None
) -> tuple[Picture, Picture]:
    """Return what normalise() does, and a small copy of it."""
    picture, small = _worked(file, most_bytes, max_edge=max_edge, small_edge=THUMBNAIL_EDGE)
    return picture, small


def of_reply(file: IO[bytes], most_bytes: int) -> tuple[Picture, Picture]:
    """Return what with_thumbnail() does, of any raster format."""
    picture, small = _worked(
        file, most_bytes, max_edge=MAX_EDGE, small_edge=THUMBNAIL_EDGE, takes_rare=True
    )
    return picture, small


def accept(file: IO[bytes]) -> tuple[Picture, Picture]:
    """Return a picture that a model made, in all its pixels, and a small copy of it.

    Raise PictureRefused.
    """
    picture, small = _worked(file, MADE_BYTES, small_edge=THUMBNAIL_EDGE)
    return picture, small


def _worked(
    file: IO[bytes],
    most_bytes: int | None,
    *,
    max_edge: int | None = None,
    small_edge: int | None = None,
    takes_rare: bool = False,
) -> list[Picture]:
    wishes = {
        "kind": _checked_kind(file, most_bytes or settings.IMAGE_MAX_BYTES, takes_rare),
        "max_edge": max_edge,
        "small_edge": small_edge,
        "max_pixels": settings.IMAGE_MAX_PIXELS,
    }
    command = [sys.executable, "-I", str(_PROGRAM), json.dumps(wishes)]
    try:
        with _decoding:
            done = subprocess.run(  # noqa: S603  # Ours, with arguments of ours.
                command,
                **_given(file),
                stdout=PIPE,
                stderr=DEVNULL,
                timeout=SECONDS,
                env={},
                check=True,
            )
    except subprocess.SubprocessError as error:  # No OSError: that it cannot start now is ours.
        raise PictureRefused(_sentence("damaged")) from error
    head, _newline, made = done.stdout.partition(b"\n")
    about = json.loads(head)
    if "error" in about:
        raise PictureRefused(_sentence(about["error"]))
    return _pictures(about["pictures"], made)


def _given(file: IO[bytes]) -> dict[str, Any]:
    """Return how the process gets the file: itself, if it lies on the disk, else its bytes."""
    file.seek(0)
    try:
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    except OSError:  # It lies in memory.
        return {"input": file.read()}
    return {"stdin": file.fileno()}


def _checked_kind(file: IO[bytes], most_bytes: int, takes_rare: bool) -> str:
    """Return the kind of the picture. Raise PictureRefused for what is too much, or no picture."""
    if file.seek(0, 2) > most_bytes:
        sentence = gettext("This picture is too large; {limit} are allowed.")
        raise PictureRefused(sentence.format(limit=filesizeformat(most_bytes)))
    file.seek(0)
    head = file.read(16)
    kind = kind_of(head) or (rare_kind_of(head) if takes_rare else "")
    if not kind:
        raise PictureRefused(gettext("This is not a picture we can use (PNG, JPEG, WebP)."))
    return kind


def _pictures(about: list[dict[str, Any]], data: bytes) -> list[Picture]:
    pictures = []
    start = 0
    for each in about:
        end = start + each["bytes"]
        pictures.append(Picture(data[start:end], each["format"], each["width"], each["height"]))
        start = end
    return pictures


def _sentence(reason: str) -> str:
    if reason == "pixels":
        sentence = gettext("This picture has too many pixels; {n} megapixels are allowed.")
        return sentence.format(n=settings.IMAGE_MAX_PIXELS // 1_000_000)
    if reason == "heic":
        return gettext("HEIC pictures cannot be read here. Save it as JPEG or PNG first.")
    return gettext("This picture is damaged, or not a picture at all.")

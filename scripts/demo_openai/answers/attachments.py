"""What is told of attached pictures and files: names, kinds and sizes."""

from __future__ import annotations

import re
import struct
from contextlib import suppress

from scripts.demo_openai.messages import Message, pictures_of, text_of

FILE = re.compile(r'<attached_file name="([^"\n]*)"[^>\n]*>\n(.*?)\n</attached_file>', re.S)


def describe_files(message: Message) -> str:
    """Say honestly what came with a message, or nothing if it came alone."""
    pictures = [f"a picture of {describe_picture(data)}" for data in pictures_of(message)]
    found = FILE.findall(text_of(message))
    documents = [f"the file `{name}` with {len(text)} characters of text" for name, text in found]
    if not pictures + documents:
        return ""
    listed = "\n".join(f"- {each}" for each in pictures + documents)
    return f"With your message I was sent:\n\n{listed}\n\nI cannot look at any of it."


def describe_picture(data: bytes) -> str:
    """Return the size and the kind of a picture, which is all that its header says."""
    with suppress(struct.error):
        if data.startswith(b"\x89PNG"):
            return "{}×{}, PNG".format(*struct.unpack(">II", data[16:24]))
        if data.startswith(b"\xff\xd8"):
            return f"{jpeg_size(data)}, JPEG"
        if data[8:12] == b"WEBP":
            return f"{webp_size(data)}, WebP"
    return f"{len(data)} bytes, of a kind that I do not know"


def jpeg_size(data: bytes) -> str:
    """Find the frame header among a JPEG's segments (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = struct.unpack(">BH", data[at + 1 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return f"{width}×{height}"
        at += 2 + length
    return "unknown size"


def webp_size(data: bytes) -> str:
    """Read the size of a WebP picture (RFC 9649, 2.5 to 2.7)."""
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (part & 0x3FFF for part in struct.unpack("<HH", data[26:30]))
    return f"{width}×{height}"

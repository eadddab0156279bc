"""Files as people attach them: decent ones, and forty-odd that are not."""

import io
import os
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

NOT_A_PICTURE = "not a picture we can use"
DAMAGED = "damaged"
TOO_MANY_PIXELS = "too many pixels"
UNREADABLE = "cannot be read"
EMPTY = "empty"


def assert_tame(data):
    """See that this is a picture which moves nothing, tells nothing and runs nothing."""
    assert b"script" not in data
    image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"])
    image.load()
    assert image.mode in ("RGB", "RGBA")
    assert getattr(image, "n_frames", 1) == 1
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
    assert not image.getexif()


@contextmanager
def read_by_the_header():
    """See that little time and memory is spent."""
    Path("/proc/self/clear_refs").write_text("5")  # Measure the peak from here.
    before = _memory("VmRSS")
    started = _computed()
    yield
    assert _computed() - started < 1
    assert _memory("VmHWM") - before < 50_000


def _computed():
    """Return the seconds that this process and those it has started have computed."""
    times = os.times()
    return sum(times[:4])


def _memory(name):
    """Return a figure of this process in kilobytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", status)[1])


class Hostile(NamedTuple):
    name: str
    data: bytes
    outcome: str  # Words of the refusal, or the kind that it is taken as.


def picture(size=(60, 40), mode="RGB", colour=None):
    return Image.new(mode, size, colour if colour is not None else (200, 80, 10)[: len(mode)])


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(size=(60, 40)):
    return saved(picture(size), "PNG")


def jpeg(size=(60, 40), **options):
    return saved(picture(size), "JPEG", **options)


def sideways_photo(size=(80, 40)):
    """Return a JPEG that lies on its side, with the place where it was taken."""
    image = picture(size, colour=(0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))  # Its left half is red.
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn it clockwise.
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    exif[0x010F] = "A camera with a name"
    return saved(image, "JPEG", exif=exif, comment=b"A comment", quality=95)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def raw_png(width, height, depth, colour, rows, *chunks):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


@cache
def deflated_zeros(count):
    """Compress so many zeros, a megabyte at a time."""
    packer = zlib.compressobj(9)
    pieces = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join(pieces) + packer.flush()


def png_of(edge):
    """Return a square PNG of black, small as a file and huge as a picture."""
    return raw_png(edge, edge, 1, 0, deflated_zeros(edge * (edge // 8 + 1) + (1 << 20)))


def with_chunk(name, data):
    row = zlib.compress(bytes(13))
    return raw_png(4, 1, 8, 2, row, chunk(name, data))


def animated(kind):
    frames = [picture(colour=(i * 60, 0, 0)) for i in range(4)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def webp_canvas(edge):
    side = (edge - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side + side
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_frame(edge):
    """Return the head of a JPEG that announces a picture of this size."""
    frame = struct.pack(">BHHBBBB", 8, edge, edge, 1, 1, 0x11, 0)
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def zipped(name, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)
    return file.getvalue()


def pdf(*pages, password=None):
    """Return a PDF with these texts, each on a page of its own."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        fonts = DictionaryObject({NameObject("/F1"): _dictionary(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(text if isinstance(text, bytes) else shown(text))
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def shown(text):
    return f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode() if text else b""


def _dictionary(entries):
    return DictionaryObject({NameObject(k): NameObject(v) for k, v in entries.items()})


def pdf_bomb():
    """Return a small PDF whose only page grows to 200 megabytes."""
    small = pdf("Boom")
    reader = PdfReader(io.BytesIO(small))
    old = reader.pages[0]["/Contents"]._data
    boom = zlib.compress(b" " * 200_000_000, 9)
    length = f"/Length {len(old)}".encode()
    return small.replace(old, boom).replace(length, f"/Length {len(boom)}".encode())


HTML = b"<!doctype html><title>x</title><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
SCRIPT = b"*/=1;alert(document.domain)//"
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def hostile_files():
    """Return what people send who mean no good, or whose camera does not."""
    whole = saved(picture((400, 300)), "PNG")
    photo = jpeg((400, 300))
    profile = b"p\0\0" + deflated_zeros(64 << 20)
    exif = Image.Exif()
    exif[0x9286] = "x" * 60_000
    return {
        "svg": Hostile("a.svg", SVG, NOT_A_PICTURE),
        "svg as png": Hostile("a.png", SVG, NOT_A_PICTURE),
        "html as png": Hostile("a.png", HTML, NOT_A_PICTURE),
        "html as gif": Hostile("a.gif", b" " + HTML, NOT_A_PICTURE),
        "html behind a jpeg's mark": Hostile("a.jpg", b"\xff\xd8\xff" + HTML, DAMAGED),
        "html behind a png's mark": Hostile("a.png", PNG_HEAD + HTML, DAMAGED),
        "pdf as png": Hostile("a.png", pdf("x"), NOT_A_PICTURE),
        "script behind a gif's mark": Hostile("a.gif", b"GIF89a/*" + SCRIPT, DAMAGED),
        "gif with a script in it": Hostile(
            "a.gif", saved(picture(), "GIF", comment=SCRIPT), "picture"
        ),
        "jpeg with html in its comment": Hostile("a.jpg", jpeg(comment=HTML), "picture"),
        "jpeg with a page behind it": Hostile("a.jpg", photo + HTML, "picture"),
        "png with an archive behind it": Hostile("a.png", whole + zipped("a", HTML), "picture"),
        "half a png": Hostile("a.png", whole[: len(whole) // 2], DAMAGED),
        "half a jpeg": Hostile("a.jpg", photo[: len(photo) // 2], DAMAGED),
        "half a gif": Hostile("a.gif", saved(picture((400, 300)), "GIF")[:60], DAMAGED),
        "half a webp": Hostile("a.webp", saved(picture((400, 300)), "WEBP")[:60], DAMAGED),
        "only the mark of a png": Hostile("a.png", PNG_HEAD, DAMAGED),
        "no bytes as png": Hostile("a.png", b"", NOT_A_PICTURE),
        "no bytes as text": Hostile("a.txt", b"", EMPTY),
        "no bytes as pdf": Hostile("a.pdf", b"", EMPTY),
        "100 megapixels": Hostile("a.png", png_of(10_000), TOO_MANY_PIXELS),
        "400 megapixels": Hostile("a.png", png_of(20_000), TOO_MANY_PIXELS),
        "a header that lies": Hostile(
            "a.png", raw_png(60_000, 60_000, 8, 6, zlib.compress(b"\0")), TOO_MANY_PIXELS
        ),
        "a jpeg that announces too much": Hostile("a.jpg", jpeg_frame(65_000), TOO_MANY_PIXELS),
        "a gif that announces too much": Hostile(
            "a.gif", b"GIF89a\xff\xff\xff\xff\0\0\0;", ("megapixels", DAMAGED)
        ),
        "a webp that announces too much": Hostile(
            "a.webp", webp_canvas(16_384), (TOO_MANY_PIXELS, DAMAGED)
        ),
        "animated gif": Hostile("a.gif", animated("GIF"), "picture"),
        "animated webp": Hostile("a.webp", animated("WEBP"), "picture"),
        "animated png": Hostile("a.png", animated("PNG"), "picture"),
        "two pictures in one": Hostile("a.jpg", animated("MPO"), "picture"),
        "cmyk": Hostile(
            "a.jpg", saved(picture(mode="CMYK", colour=(9, 9, 9, 9)), "JPEG"), "picture"
        ),
        "16 bit grey": Hostile(
            "a.png", saved(picture(mode="I;16", colour=30_000), "PNG"), "picture"
        ),
        "16 bit colour": Hostile(
            "a.png", raw_png(4, 1, 16, 2, zlib.compress(bytes(25))), "picture"
        ),
        "palette": Hostile("a.png", saved(picture().quantize(4), "PNG", transparency=0), "picture"),
        "black and white": Hostile("a.png", saved(picture(mode="1", colour=1), "PNG"), "picture"),
        "huge exif": Hostile("a.jpg", jpeg(exif=exif), "picture"),
        "a text that grows": Hostile(
            "a.png", with_chunk(b"zTXt", b"k\0\0" + deflated_zeros(64 << 20)), DAMAGED
        ),
        "a profile that grows": Hostile("a.png", with_chunk(b"iCCP", profile), DAMAGED),
        "a profile that is none": Hostile("a.jpg", jpeg(icc_profile=b"x" * 500), "picture"),
        "psd as png": Hostile("a.png", b"8BPS\0\1" + bytes(40), NOT_A_PICTURE),
        "eps as png": Hostile("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\nshowpage", NOT_A_PICTURE),
        "tiff as jpg": Hostile("a.jpg", saved(picture(), "TIFF"), NOT_A_PICTURE),
        "bmp": Hostile("a.bmp", saved(picture(), "BMP"), NOT_A_PICTURE),
        "heic that is none": Hostile("a.heic", b"\0\0\0\x18ftypheic" + bytes(40), DAMAGED),
        "png as jpg": Hostile("a.jpg", png(), "picture"),
        "png as text": Hostile("a.txt", png(), "picture"),
        "program as text": Hostile("a.txt", b"\x7fELF\2\1\1" + bytes(range(256)), UNREADABLE),
        "archive": Hostile("a.docx", zipped("a.xml", b"<a/>"), UNREADABLE),
        "html as itself": Hostile("a.html", HTML, "text"),
        "pdf that is none": Hostile("a.pdf", b"%PDF-1.7\n" + bytes(200), UNREADABLE),
        "pdf with a password": Hostile("a.pdf", pdf("x", password="secret"), "password"),
        "pdf without text": Hostile("a.pdf", pdf(""), "no text"),
        "pdf that grows": Hostile("a.pdf", pdf_bomb(), ("no text", UNREADABLE, "too long")),
        "pdf with odd bytes": Hostile("a.pdf", pdf(b"BT /F1 Tf ((( \xff\0 Tj ET"), "no text"),
    }

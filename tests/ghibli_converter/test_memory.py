"""What large pictures leave in the server: nothing, for they are decoded in another process."""

import io
import os
import re
import urllib.request
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from tests.live_server import ParlorServer
from tests.uploads import png
from tests.waiting import PATIENCE, wait_until

PIXELS = 2580  # Each way: of noise, 20 MB.


def noise():
    file = io.BytesIO()
    data = os.urandom(3 * PIXELS * PIXELS)
    Image.frombytes("RGB", (PIXELS, PIXELS), data).save(file, "PNG", compress_level=1)
    return file.getvalue()


def memory(pid):
    """Return what the process and those it has started hold of memory, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024 + sum(map(memory, children))


@pytest.mark.any_engine
def test_large_pictures_leave_the_memory_as_it_was(tmp_path):
    data = noise()
    with ParlorServer(tmp_path, IMAGE_MAX_BYTES=30_000_000) as server:
        person = server.person()
        upload(person, png())
        wait_until(lambda: states(server) == {"done"})
        before = memory(server.process.pid)
        for _ in range(3):
            upload(person, data)
        wait_until(lambda: states(server) == {"done"})
        assert memory(server.process.pid) - before < 60


def states(server):
    return {state for (state,) in server.query("SELECT state FROM ghibli_converter_picture")}


def upload(person, data):
    """Convert a photo by the form of the gallery."""
    person.get("/gallery/")
    fields = {name: person.field(name) for name in ("csrfmiddlewaretoken", "key")}
    photo = SimpleUploadedFile("a.png", data, "image/png")
    body = encode_multipart(BOUNDARY, {**fields, "kind": "convert", "photo": photo})
    request = urllib.request.Request(
        f"{person.server.url}/gallery/", body, {"Content-Type": MULTIPART_CONTENT}
    )
    with person.opener.open(request, timeout=PATIENCE) as response:
        assert re.search(r"/gallery/\d+/", response.url)

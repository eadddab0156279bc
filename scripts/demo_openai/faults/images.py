"""Faults: pictures that are refused, broken or elsewhere."""

from __future__ import annotations

import base64
import re

from scripts.demo_openai.chat_api import Act
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import HTML, Fault, bad, hang, has, refuse, refuse_if
from scripts.demo_openai.images_api import images_body
from scripts.demo_openai.pictures import landscape


async def image_url(x: Exchange) -> None:
    host = x.request.headers.get("host", "127.0.0.1")
    x.send(200, images_body(x, [{"url": f"http://{host}/demo/picture.png"}]))


async def image_url_elsewhere(x: Exchange) -> None:
    wanted = re.search(r"https?://\S+", str(x.data.get("prompt")))
    url = wanted[0] if wanted else "http://169.254.169.254/latest/meta-data/"
    x.send(200, images_body(x, [{"url": url}]))


def image_data(content: str) -> Act:
    """Return a fault that answers with this text where base64 is due."""

    async def act(x: Exchange) -> None:
        x.send(200, images_body(x, [{"b64_json": content}]))

    return act


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


IMAGES: dict[str, Fault] = {
    "image-moderation": Fault(
        "400, moderation_blocked",
        bad(
            "Your request was rejected by the safety system.",
            "moderation_blocked",
            None,
            "image_generation_user_error",
        ),
        "images",
    ),
    "image-silent": Fault("never answers", hang, "images"),
    "image-not-base64": Fault("b64_json is not base64", image_data("*not base64*"), "images"),
    "image-not-image": Fault("b64_json is a text", image_data(as_base64(b"no image")), "images"),
    "image-html": Fault("b64_json is a page of HTML", image_data(as_base64(HTML)), "images"),
    "image-cut": Fault(
        "b64_json is the first half of a PNG",
        image_data(as_base64(landscape("half", 256, 256)[:2000])),
        "images",
    ),
    "image-url": Fault("a url of this server instead of base64", image_url, "images"),
    "image-url-elsewhere": Fault(
        "a url elsewhere: the first in the prompt, or a link-local one",
        image_url_elsewhere,
        "images",
    ),
    "image-none": Fault(
        "an empty list of pictures", refuse(200, {"created": 0, "data": []}), "images"
    ),
    "image-response-format": Fault(
        "400 for response_format",
        refuse_if(
            has("response_format"),
            bad("Unknown parameter: 'response_format'.", "unknown_parameter", "response_format"),
        ),
        "images",
    ),
}

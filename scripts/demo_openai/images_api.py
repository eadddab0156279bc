"""Images: pictures made from a prompt, and from pictures that are sent."""

from __future__ import annotations

import asyncio
import base64
import time
import zlib
from typing import Any

from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.http import uploads
from scripts.demo_openai.json_bodies import error_body
from scripts.demo_openai.messages import count_tokens
from scripts.demo_openai.pictures import landscape

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


async def images(x: Exchange) -> None:
    """Answer with pictures: painted from the prompt, and from the pictures sent, if any."""
    prompt = str(x.data.get("prompt") or "")
    sent = [one.content for one in uploads(x.data, "image")]
    if refusal := refuse_images(x, prompt, sent):
        x.send(400, refusal)
        return
    count = min(10, int(x.data.get("n") or 1))
    size = picture_size(x.data.get("size"))
    seeds = [f"{prompt}{zlib.crc32(b''.join(sent))}{i or ''}" for i in range(count)]
    made = [await asyncio.to_thread(landscape, seed, *size) for seed in seeds]
    x.record.pieces = len(made)
    x.send(200, images_body(x, [{"b64_json": base64.b64encode(one).decode()} for one in made]))


def refuse_images(x: Exchange, prompt: str, sent: list[bytes]) -> dict[str, Any] | None:
    """Return the error of a request that cannot be served."""
    if not prompt or len(prompt) > 32_000:
        return error_body("The prompt must have 1 to 32000 characters.", "bad_prompt", "prompt")
    if x.request.path.endswith("/edits"):
        if not 1 <= len(sent) <= 16:
            return error_body("1 to 16 images are needed.", "missing_image", "image")
        if not all(one.startswith(PICTURES) for one in sent):
            return error_body("Invalid image file.", "invalid_image_file", "image")
    try:
        picture_size(x.data.get("size"))
        int(x.data.get("n") or 1)
    except ValueError:
        return error_body("Invalid value for size or n.", "invalid_value", "size")
    return None


def picture_size(wanted: object) -> tuple[int, int]:
    """Return width and height; raise ValueError for what is no size."""
    size = "1024x1024" if wanted in (None, "", "auto") else str(wanted)
    width, height = (int(side) for side in size.split("x"))
    if not (16 <= width <= 2048 and 16 <= height <= 2048):
        raise ValueError(size)
    return width, height


def images_body(x: Exchange, data: list[dict[str, str]]) -> dict[str, Any]:
    words = count_tokens(str(x.data.get("prompt")))
    pictures = 256 * len(uploads(x.data, "image"))
    usage = {"input_tokens": words + pictures, "output_tokens": 1056 * len(data)}
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    details = {"text_tokens": words, "image_tokens": pictures}
    more = {"output_format": "png", "usage": {**usage, "input_tokens_details": details}}
    return {"created": int(time.time()), "data": data, **more}

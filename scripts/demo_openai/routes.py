"""Which function answers a request: its fault's, or that of its address."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Any

from scripts.demo_openai.chat_api import Act, chat, check_chat
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import refuse_model
from scripts.demo_openai.http import Request, parse_body
from scripts.demo_openai.images_api import images
from scripts.demo_openai.json_bodies import error_body
from scripts.demo_openai.models_api import list_models
from scripts.demo_openai.pictures import landscape

ALIASES = {"gpt-gone": "404-model"}  # Models that are faults without saying so.


def prepare(request: Request) -> dict[str, Any] | None:
    """Parse the body, and return the error of a request that cannot be served."""
    if request.method != "POST" or ("POST", request.path) not in ROUTES:
        return None
    try:
        request.data = parse_body(request)
    except ValueError:
        return error_body("We could not parse the body of your request.")
    return check_chat(request.data) if request.path.endswith("/completions") else None


async def dispatch(x: Exchange, problem: dict[str, Any] | None) -> None:
    """Find what answers a request: its fault, its route, or an error."""
    path = x.request.path
    act, kind = ROUTES.get((x.request.method, path), (None, ""))
    if path.startswith("/demo/") and not is_private_name(x.request.headers.get("host", "")):
        act = None
    if act is None:
        x.send(404, error_body(f"Unknown request URL: {x.request.method} {path}."))
    elif problem:
        x.send(400, problem)
    else:
        await choose(x, act, kind)(x)
    await x.writer.drain()


def choose(x: Exchange, act: Act, kind: str) -> Act:
    """Return the fault that concerns a request, or its usual answer."""
    if not kind:
        return act
    named = ALIASES.get(x.model, x.model.removeprefix("fault-"))
    if kind != "models" and (x.model.startswith("fault-") or x.model in ALIASES):
        fault = FAULTS.get(named)
        return fault.act if fault and fault.where in (kind, "any") else refuse_model
    fault = FAULTS[x.fault] if x.fault else None
    concerned = fault and (fault.where == kind or (fault.where == "any" and kind != "models"))
    return fault.act if fault and concerned else act


def is_private_name(host: str) -> bool:
    """Return whether no web page elsewhere can make a browser send this Host header."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name.strip("[]")))
    return "." not in name


async def show_picture(x: Exchange) -> None:
    x.send(200, landscape("A picture by its address", 256, 256), "image/png")


async def show_requests(x: Exchange) -> None:
    x.send(200, x.server.requests)


async def forget_requests(x: Exchange) -> None:
    x.server.clear()
    x.send(204, b"")


ROUTES: dict[tuple[str, str], tuple[Act, str]] = {  # What answers, and which faults concern it.
    ("GET", "/v1/models"): (list_models, "models"),
    ("POST", "/v1/chat/completions"): (chat, "chat"),
    ("POST", "/v1/images/generations"): (images, "images"),
    ("POST", "/v1/images/edits"): (images, "images"),
    ("GET", "/demo/picture.png"): (show_picture, ""),
    ("GET", "/demo/requests"): (show_requests, ""),
    ("DELETE", "/demo/requests"): (forget_requests, ""),
}

"""What faults are made of: the row of a fault, and functions that answer badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.demo_openai.chat_api import Act, Step, chat, first, play
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.images_api import images
from scripts.demo_openai.json_bodies import error_body

PARTS = ("Here are ", "three ", "parts.")  # What most faults say.
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
SERVER_ERROR = error_body("The server had an error.", "server_error", None, "server_error")


@dataclass(frozen=True)
class Fault:
    about: str
    act: Act
    where: str = "chat"  # Or "any" (chat and images), "images", "models".


def script(*steps: Step) -> Act:
    """Return a fault that plays these steps after the usual first piece."""
    return bare_script(first, *steps)


def bare_script(*steps: Step) -> Act:
    async def act(x: Exchange) -> None:
        await play(x, steps)

    return act


async def ordinary(x: Exchange) -> None:
    await (images(x) if x.request.path.startswith("/v1/images/") else chat(x))


def refuse(status: int, body: object, kind: str = "application/json", **headers: str) -> Act:
    """Return a fault that answers with this status and body."""

    async def act(x: Exchange) -> None:
        x.send(status, body, kind, **headers)

    return act


def bad(
    message: str, code: str | int | None = None, param: str | None = None, kind: str | None = None
) -> Act:
    return refuse(400, error_body(message, code, param, kind))


def refuse_if(test: Callable[[Exchange], bool], act: Act) -> Act:
    """Return a fault for some requests; others are answered as usual."""

    async def choose(x: Exchange) -> None:
        await (act(x) if test(x) else ordinary(x))

    return choose


def first_times(count: int, act: Act) -> Act:
    """Return a fault for the first times that the same request comes."""
    return refuse_if(lambda x: x.server.times_seen(x) <= count, act)


def has(name: str) -> Callable[[Exchange], bool]:
    return lambda x: x.data.get(name) is not None


async def hang(x: Exchange) -> None:
    """Wait for ever; the client's going away ends it."""
    while True:
        await x.rest(3600)


async def open_stream(x: Exchange) -> None:
    x.open()


async def refuse_model(x: Exchange) -> None:
    message = f"The model `{x.model}` does not exist or you do not have access to it."
    x.send(404, error_body(message, "model_not_found"))

"""The entry point: Django behind its static files, told when the server starts and stops."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
django.setup()  # Before any import that needs the apps.

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from apps.core.middleware import add_static_headers  # noqa: E402
from apps.server import lifecycle, log_context, open_files  # noqa: E402
from apps.server.asgi_handler import ThreadedASGIHandler  # noqa: E402
from site_config import checks  # noqa: E402

checks.stop_if_unfit()

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLL_SECONDS = 0.2  # gunicorn tells nobody of SIGTERM; its worker has to be asked.

_running_requests = 0


def _with_static_files(app: ASGIHandler) -> App:
    """Answer for /static/ before Django's middleware sees the request."""
    if settings.DEBUG:
        return ASGIStaticFilesHandler(app)
    root = settings.STATIC_ROOT
    files: Any = ServeStaticASGI(
        app,
        root=root if Path(root).is_dir() else None,  # None before the first collectstatic.
        prefix=settings.STATIC_URL,
        add_headers_function=add_static_headers,
        allow_all_origins=False,
    )
    return cast(App, files)


_site = _with_static_files(ThreadedASGIHandler())


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    global _running_requests
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close"})  # None are offered.
    else:
        _running_requests += 1
        try:
            with log_context.bound(request=_request_id(scope)):
                await _site(scope, receive, _named(send))
        finally:
            _running_requests -= 1


def _named(send: Send) -> Send:
    """Name the server in each answer: else gunicorn would name itself."""

    async def named(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"server", b"Parlor")]}
        await send(message)

    return named


def _request_id(scope: Scope) -> str:
    """Return what the request is called in the log: as a proxy of ours says, or anew."""
    forwarded = (
        dict(scope["headers"]).get(b"x-request-id", b"") if settings.TRUSTED_PROXIES else b""
    )
    return log_context.request_id(forwarded.decode("latin-1"))


async def _live(receive: Receive, send: Send) -> None:
    await receive()  # lifespan.startup
    asyncio.get_running_loop().set_exception_handler(open_files.handle_loop_error)
    await asyncio.to_thread(lifecycle.started)
    await send({"type": "lifespan.startup.complete"})
    stopped = asyncio.create_task(_stop_when_told())
    hung_up = asyncio.create_task(_hang_up_after(stopped))
    await receive()  # lifespan.shutdown
    lifecycle.begin_stop()
    await stopped
    hung_up.cancel()
    await send({"type": "lifespan.shutdown.complete"})


async def _stop_when_told() -> None:
    """Drain at SIGTERM, not at lifespan.shutdown: that waits for the last open connection."""
    while not lifecycle.is_stopping():
        await asyncio.sleep(POLL_SECONDS)
    await asyncio.to_thread(lifecycle.stopped)


async def _hang_up_after(stopped: asyncio.Task[None]) -> None:
    """End the worker when only idle connections hold it, like those a browser opens in advance.

    gunicorn would wait graceful_timeout for them; SIGQUIT tells it not to.
    """
    await asyncio.shield(stopped)
    worker = lifecycle.worker
    while worker and any(server.is_serving() for server in worker.servers):
        await asyncio.sleep(POLL_SECONDS)  # What connects until then has to be answered, too.
    await asyncio.sleep(POLL_SECONDS)  # For the last bytes of the last page.
    while _running_requests:
        await asyncio.sleep(POLL_SECONDS)
    if worker:
        signal.raise_signal(signal.SIGQUIT)

"""Command line: `python -m scripts.demo_openai --port 9099`, in the project's folder."""

from __future__ import annotations

import argparse
import asyncio
import signal
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.server import DemoServer


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("demo_openai", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9099, help="0 picks a free one")
    parser.add_argument("--fault", metavar="NAME", help="misbehave so at every request")
    parser.add_argument("--list-faults", action="store_true", help="list the faults, and end")
    parser.add_argument("--pace", type=float, default=0.03, help="seconds between words")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiply the seconds that faults wait"
    )
    parser.add_argument("--log", metavar="FILE", help="log requests to a file; - is stderr")
    parser.add_argument("--cert", metavar="FILE", help="serve https with this certificate")
    parser.add_argument("--key", metavar="FILE", help="the certificate's key")
    return parser.parse_args()


def list_faults() -> None:
    for name, fault in FAULTS.items():
        print(f"fault-{name:24} {fault.where:7} {fault.about}")


def make_server(options: argparse.Namespace) -> DemoServer:
    tls = None
    if options.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.cert, options.key)
    return DemoServer(
        options.fault,
        host=options.host,
        port=options.port,
        pace=options.pace,
        scale=options.scale,
        log=open_log(options.log),
        tls=tls,
    )


def open_log(name: str | None) -> TextIO | None:
    if name is None or name == "-":
        return sys.stderr if name else None
    return Path(name).open("a", encoding="utf-8")


async def run(server: DemoServer) -> None:
    """Serve until a signal comes."""

    def ready() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.stopped.set)
        print(f"listening on {server.base_url}", flush=True)

    await server.serve(ready)


def main() -> int:
    options = parse_arguments()
    if options.list_faults:
        list_faults()
        return 0
    try:
        asyncio.run(run(make_server(options)))
    except (OSError, ValueError) as error:
        print(f"demo_openai: {error}", file=sys.stderr)
        return 1
    return 0


with suppress(KeyboardInterrupt):
    sys.exit(main())

"""A program of its own that prints, as JSON, the text of the file on standard input.

    python -I worker.py <format> <pages> <characters> <seconds>

A hostile file can keep its reader busy for ever, or eat all memory. So this runs apart, knows no
settings and no secrets, and sets its own limits before it reads a byte; whoever starts it also
watches the clock. What it prints has `text` and `notes` (and of paged files `pages` and
`pages_read`), or `error`, one of the words in results.py.
"""

import importlib
import json
import logging
import math
import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any, NoReturn

MEMORY = 600 * 1024 * 1024  # Bytes of address space, the interpreter included.
_OF_XML = ("word", "sheets", "slides", "opendocument", "book")
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def main(format_name: str, most_pages: int, most_chars: int, seconds: int) -> dict[str, Any]:
    _limit(seconds)
    sys.path.insert(0, str(Path(__file__).parents[4]))
    from apps.chat.attachments.extraction.results import Limits, Unreadable

    # What it has before its time is up is better than nothing.
    limits = Limits(most_pages, most_chars, time.monotonic() + seconds * 0.7, seconds / 4)
    if format_name in _OF_XML:
        import defusedxml

        defusedxml.defuse_stdlib()  # No entity grows and none is fetched.
    reader: Any = importlib.import_module(f"apps.chat.attachments.extraction.formats.{format_name}")
    try:
        extract: dict[str, Any] = reader.read(sys.stdin.buffer.read(), limits).as_dict()
        return extract
    except Unreadable as error:
        return {"error": error.reason}
    except MemoryError:
        return {"error": "large"}
    except Exception:  # Whatever it trips over is the file's fault.
        return {"error": "damaged"}


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    computing = math.ceil(seconds / 2)  # The rest is for waiting, where others compute too.
    resource.setrlimit(resource.RLIMIT_CPU, (computing, computing))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # It writes no file.
    os.nice(10)  # Replies that are being written go first.
    warnings.simplefilter("ignore")
    logging.disable()  # The libraries say what is odd about a file.
    sys.setrecursionlimit(5_000)  # Tables in tables in tables.
    sys.addaudithook(_refuse)


def _refuse(event: str, _: object) -> None:
    """Let no library reach beyond this process."""
    if event.startswith(_FORBIDDEN):
        _deny(event)


def _deny(event: str) -> NoReturn:
    raise PermissionError(event)


if __name__ == "__main__":
    result = main(sys.argv[1], *map(int, sys.argv[2:]))
    sys.stdout.write(json.dumps(result))  # In ASCII, lone surrogates included.

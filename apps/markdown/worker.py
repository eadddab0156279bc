"""A process of its own that renders long replies: `python -m apps.markdown.worker 0,1`.

Python runs one thread at a time, so a second of rendering in a server is one that all its pages
share. The argument is the processors that it may run on. It reads texts from standard input, each
after a line of JSON with its `bytes` and `prefix`, and answers each with a line that has the number
of bytes of its HTML, and that.
"""

import json
import os
import resource
import sys
from contextlib import suppress

from apps.markdown.stream import render_markdown

MEMORY = 1024**3  # Bytes of address space.


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # It writes no file.
    if processors := {int(number) for number in sys.argv[1].split(",") if number}:
        with suppress(OSError):  # It began where the thread of a server may run.
            os.sched_setaffinity(0, processors)
    os.nice(5)  # Replies that are being written go first.
    texts, pages = sys.stdin.buffer, sys.stdout.buffer
    while line := texts.readline():
        wanted = json.loads(line)
        html = render_markdown(texts.read(wanted["bytes"]).decode(), wanted["prefix"]).encode()
        pages.write(b"%d\n" % len(html) + html)
        pages.flush()


if __name__ == "__main__":
    main()

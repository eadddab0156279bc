"""All open files of a server: streams that stay open, and connections that say nothing.

python -m tests.attacks.open_files http://127.0.0.1:8000 [connections]
"""

import socket
import sys
import urllib.parse
from contextlib import ExitStack, contextmanager

from tests.attacks.crowd import attack, report


@contextmanager
def silent_connections(url, count):
    """Connect so often, and say nothing; the kernel takes what the server cannot accept."""
    where = urllib.parse.urlsplit(url)
    with ExitStack() as stack:
        for _ in range(count):
            connection = socket.create_connection((where.hostname, where.port), timeout=20)
            stack.enter_context(connection)
        yield


def main():
    url = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with silent_connections(url, count), attack():
        report(url, f"{count} silent connections", lambda _: [])


if __name__ == "__main__":
    main()

"""Attack: hold connections by sending headers that never end, a byte now and then.

By hand: `python -m tests.attacks.slow_headers http://127.0.0.1:PORT [CONNECTIONS]`. It prints how
long a page takes without and with them, and after what time they were cut.
"""

import socket
import sys
import time
import urllib.request
from urllib.parse import urlsplit


def hold(base: str, count: int) -> list[socket.socket]:
    """Open so many connections, each with a request whose headers do not end."""
    url = urlsplit(base)
    connections = []
    for number in range(count):
        connection = socket.create_connection((url.hostname, url.port), timeout=60)
        connection.sendall(f"GET /{number} HTTP/1.1\r\nHost: {url.netloc}\r\nX-Slow: ".encode())
        connections.append(connection)
    return connections


def is_cut(connection: socket.socket) -> bool:
    """Wait until the server has closed it; return whether it said that the headers were late."""
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
    return b" 408 " in answer


def page(base: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(base + "/users/login/", timeout=60) as answer:
        answer.read()
    return time.perf_counter() - started


def main() -> None:
    base = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    print(f"a page, quiet: {min(page(base) for _ in range(5)):.3f} s")
    started = time.perf_counter()
    connections = hold(base, count)
    print(f"a page, attacked: {min(page(base) for _ in range(5)):.3f} s")
    try:
        cut = sum(map(is_cut, connections))
        print(f"{cut} of {count} cut, the last after {time.perf_counter() - started:.1f} s")
    except TimeoutError:
        print(f"not cut within {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()

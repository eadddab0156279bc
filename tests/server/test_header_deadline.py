"""Headers that arrive slowly hold no connection for long."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.attacks import slow_headers
from tests.live_server import ParlorServer

REQUEST = "GET /healthz/ HTTP/1.1\r\nHost: {host}\r\n\r\n"


@pytest.mark.row("O-161")
@pytest.mark.any_engine
def test_headers_that_do_not_end_are_cut_and_others_are_served(tmp_path):
    with ParlorServer(tmp_path, HEADER_SECONDS=1) as server:
        connections = slow_headers.hold(server.url, 20)
        assert slow_headers.page(server.url)
        assert all(map(slow_headers.is_cut, connections))
        url = urlsplit(server.url)
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            # Split within what ends the headers; then the connection is kept for another request.
            for part in REQUEST.format(host=url.netloc).partition("\r\n\r"):
                connection.sendall(part.encode())
            for _ in range(2):
                answer = read_answer(connection)
                assert b" 200 " in answer
                assert b"gunicorn" not in answer  # What stands behind is nobody's business.
                connection.sendall(REQUEST.format(host=url.netloc).encode())


def read_answer(connection):
    """Read one answer, whose body is "ok"."""
    answer = b""
    while not answer.endswith(b"\r\n\r\nok"):
        piece = connection.recv(4096)
        assert piece, answer
        answer += piece
    return answer

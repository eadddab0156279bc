"""What the benchmarks do with a server, whose pages they have to understand."""

import asyncio

from scripts.load_test.requests import ask, load_page, stream_of


def test_a_benchmark_finds_the_stream_of_its_reply(shared_server):
    person = shared_server.person("benchmarker")
    session = next(cookie.value for cookie in person.cookies if cookie.name == "sessionid")
    page = asyncio.run(ask(shared_server.port, session, "message=Hello"))
    assert stream_of(page).startswith("/chat/messages/")
    assert asyncio.run(load_page(shared_server.port, "/chat/", session)) > 0

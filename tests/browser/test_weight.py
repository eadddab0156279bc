"""What a first visit costs."""

from urllib.parse import urlsplit

import pytest

MOST_BYTES = 60_000
MOST_REQUESTS = 8


@pytest.mark.parametrize("path", ["/", "/chat/", "/chat/new/"])
def test_a_first_page_is_light(reader, path):
    page = reader.page
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    kinds, sizes = {}, {}
    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event}))
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(f"{reader.url}{path}", wait_until="networkidle")
    assert sizes.keys() == kinds.keys()
    assert 0 < sum(sizes.values()) < MOST_BYTES
    assert 0 < len(kinds) <= MOST_REQUESTS
    scripts = [
        urlsplit(event["response"]["url"]).path
        for event in kinds.values()
        if event["type"] == "Script"
    ]
    assert bool(scripts) == (reader.scripts and path != "/")
    assert all(path.startswith("/static/vendor/") for path in scripts)


@pytest.mark.parametrize("scripts", [True], ids=["scripts"])
def test_a_second_page_brings_nothing_but_itself(reader):
    page = reader.page
    page.goto(f"{reader.url}/chat/", wait_until="networkidle")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    asked, from_cache = {}, set()
    network.on(
        "Network.requestWillBeSent",
        lambda event: asked.update({event["requestId"]: urlsplit(event["request"]["url"]).path}),
    )
    network.on("Network.requestServedFromCache", lambda event: from_cache.add(event["requestId"]))
    network.on(  # That was the cache in memory; this is the one on the disk.
        "Network.responseReceived",
        lambda event: event["response"].get("fromDiskCache") and from_cache.add(event["requestId"]),
    )
    page.goto(f"{reader.url}/chat/new/", wait_until="networkidle")
    fetched = {path for key, path in asked.items() if key not in from_cache}
    # Headless Chromium keeps no icon in its cache.
    assert {path for path in fetched if not path.endswith(".svg")} == {"/chat/new/"}

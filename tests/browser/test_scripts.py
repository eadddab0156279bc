"""How the page starts, whatever the order in which the network brings its parts."""

import pytest

from tests.live_server import wait_until

pytestmark = pytest.mark.parametrize("scripts", [True], ids=["scripts"])


@pytest.mark.parametrize("late", ["hx-csp", "hx-sse"])
def test_htmx_waits_for_its_extensions(reader, speaker, late):
    held = []
    reader.page.route(f"**/{late}*.js", lambda route: held.append(route))
    reader.page.goto(f"{reader.url}/chat/new/", wait_until="commit")
    wait_until(lambda: reader.page.evaluate("!!window.htmx") and held)
    reader.page.evaluate("new Promise(resolve => setTimeout(() => setTimeout(resolve)))")
    reader.tab_to("textbox", "Message")
    reader.type("Are you ")  # The watch sees what this brings about.
    held[0].continue_()
    reader.page.unroute(f"**/{late}*.js")  # The page of the conversation has it at once.
    reader.page.wait_for_load_state()
    reader.type("whole?")
    reader.send()
    speaker.say("I am")
    reader.expect_words("I am")
    speaker.end(".")
    reader.expect_state("done")

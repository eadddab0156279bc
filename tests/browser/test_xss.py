"""Sixty hostile texts in a real browser: said by a person, by the model, and in a title."""

import pytest
from playwright.sync_api import expect

from tests.xss import PAYLOADS

with_scripts = pytest.mark.parametrize("scripts", [True], ids=["scripts"])

# Whatever in the page could act and is not of htmx's or the page's own making.
SUSPECTS = """() => [...document.querySelectorAll("[role=log] *, h1 *, nav *")]
  .filter(each => /^(script|iframe|object|embed|img|style|link|meta|base|template|svg|animate)$/i
      .test(each.tagName)
    || [...each.attributes].some(one => /^(on|hx-on|style|srcdoc)/.test(one.name)
      || /^\\s*(javascript|data|vbscript):/i.test(one.value)))
  .filter(each => !each.closest("form, .icon"))
  .map(each => each.outerHTML.slice(0, 200))"""


@with_scripts
def test_nothing_of_them_runs(reader, speaker):
    """The watch sees each violation of the policy, each dialog's error, each foreign request."""
    dialogs = []
    reader.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.page.keyboard.insert_text("\n".join(PAYLOADS))
    reader.send()
    for text in PAYLOADS:
        speaker.say(f"{text}\n\n")
    speaker.end("The end.")
    expect(reader.reply).to_contain_text("The end.")  # In a fold that none of them closes.
    reader.expect_state("done")
    assert reader.page.evaluate(SUSPECTS) == []
    reader.page.reload()
    expect(reader.reply).to_contain_text("The end.")
    assert reader.page.evaluate(SUSPECTS) == []
    assert dialogs == []
    assert reader.page.evaluate("document.querySelectorAll('[role=log] article').length") == 2

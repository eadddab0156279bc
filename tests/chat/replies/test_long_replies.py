"""Long replies: laid out apart from the server, once, and only as far as their kind allows."""

from itertools import count

import pytest

from apps.chat.replies.streaming import html_cache, long_replies
from apps.markdown.budget import CHARS_PER_TOKEN, MOST_TOKENS
from apps.markdown.stream import render_markdown
from tests.page import Page

pytestmark = pytest.mark.any_engine

LONG = 300_000  # Characters.
numbers = count(10_000)
# Kinds of which the most blocks go into a character.
DEAR = {
    "footnotes": "Text[^{0}].\n\n[^{0}]: Note\n\n",
    "small tables": "|a|b|\n|-|-|\n|1|2|\n\n",
    "headings": "# a\n",
    "quotations": "> a\n\n",
    "items": "- a\n",
    "definitions": "[a{0}]: http://x.y/{0}\n\n[a{0}]\n\n",
    "formulas": "$$\n\\frac{{a}}{{b}}\n$$\n\n",
    "code": "```python\nx=1\n```\n\n",
    "folds": "<details>\n\nx\n\n</details>\n\n",
}


def repeated(part, chars=LONG):
    return "".join(part.format(number) for number in range(chars // len(part.format(0))))


@pytest.mark.row("O-155")
@pytest.mark.parametrize("part", DEAR.values(), ids=DEAR)
def test_what_was_made_to_be_dear_is_laid_out_in_part(part):
    """Each element is made of a token, at the least; the rest stands there as it was written."""
    html = render_markdown(repeated(part) + "\n\nThe **end**")
    laid_out = html.count("<") - html.count('<p class="plain"') * 8 - html.count("<br")
    assert laid_out < 8 * (MOST_TOKENS + LONG // CHARS_PER_TOKEN)
    assert html.rstrip().endswith("</div>")
    assert "end" in html[-200:]


@pytest.mark.row("O-155")
def test_long_prose_is_laid_out_to_its_end():
    part = "A *sentence* of usual length, with `code` and a [link](https://example.org).\n\n"
    assert "<strong>end</strong>" in render_markdown(repeated(part, 900_000) + "The **end**")


@pytest.mark.row("O-155")
def test_a_long_reply_is_rendered_by_another_process_once(monkeypatch):
    text, reply = (
        repeated("Some *words*[^{0}].\n\n[^{0}]: A note\n\n", 2 * html_cache.LONG),
        next(numbers),
    )
    whole = render_markdown(text, html_cache.id_prefix(reply))
    monkeypatch.setattr(html_cache, "render_markdown", None)
    assert html_cache.reply_html(reply, text) == whole
    monkeypatch.setattr(long_replies, "render", None)
    assert html_cache.reply_html(reply, text) == whole


@pytest.mark.row("O-155")
def test_of_what_takes_too_long_the_words_are_shown(monkeypatch):
    monkeypatch.setattr(long_replies, "SECONDS", 0.2)
    html = html_cache.reply_html(next(numbers), repeated("# a\n", 990_000) + "\n\nThe **end**")
    assert "The **end**" in Page(html).text
    monkeypatch.undo()
    again = html_cache.reply_html(next(numbers), "The **end**\n\n" * html_cache.LONG)
    assert "<strong>end</strong>" in again

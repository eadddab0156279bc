"""Alerts, the numbers of lists, and the names of code."""

import re

import pytest
from django.utils import translation

from apps.markdown.labels import in_page_language
from apps.markdown.stream import render_markdown

KINDS = ["Note", "Tip", "Important", "Warning", "Caution"]


def title(html):
    return re.findall(r'<p class="alert__title" dir="auto">([^<]*)</p>', html)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
@pytest.mark.parametrize("wrap", ["> [!{}]\n> A *b*.", ">[!{}]  \n>\n> A *b*.", "> [!{}] A *b*."])
def test_a_quotation_with_one_of_five_words_is_an_alert(kind, change, wrap):
    html = render_markdown(wrap.format(change(kind)))
    assert f'<div class="alert alert--{kind.lower()}">' in html
    assert title(html) == [kind]
    assert '<p dir="auto">A <em>b</em>.</p>' in html
    assert "[!" not in html
    assert "blockquote" not in html


@pytest.mark.parametrize(
    "text",
    [
        "> [!HINT]\n> a",
        "> [NOTE]\n> a",
        "> a\n> [!NOTE]",
        "> [!NOTE]",
        "> [!NOTE](https://a.b)\n> a",
        "> `[!NOTE]`\n> a",
        r"> \[!NOTE]" + "\n> a",
    ],
)
def test_any_other_quotation_stays_one(text):
    html = render_markdown(text)
    assert "<blockquote>" in html
    assert "alert" not in html


def test_alerts_hold_any_blocks_and_stand_within_others():
    html = render_markdown(
        "- > [!TIP]\n  > - a\n  >\n  > ```\n  > b\n  > ```\n\n> > [!NOTE]\n> > c"
    )
    assert title(html) == ["Tip", "Note"]
    assert html.count("<li") == 2
    assert "<blockquote>\n<div" in html


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("> [!NOTE]\n> a", ">Hinweis</p>"),
        ("- [x] a", ">Erledigt:</span>"),
        ("|a|\n|-|", 'aria-label="Tabelle"'),
    ],
)
def test_parlors_words_are_in_the_language_of_the_page(text, word):
    with translation.override("de"):
        assert word in in_page_language(render_markdown(text))
    with translation.override("en"):
        assert in_page_language(render_markdown(text)) == render_markdown(text)


def test_no_word_of_the_models_is_translated():
    text = 'Note\n\n`<p class="alert__title" dir="auto">Note</p>` Table'
    with translation.override("de"):
        assert in_page_language(render_markdown(text)) == render_markdown(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1. a\n2. b\n3. c", [1, 2, 3]),
        ("3. a\n5. b\n6. c", [3, 5, 6]),
        ("5. a\n4. b\n3. c", [5, 4, 3]),
        ("1. a\n1. b\n2. c", [1, 1, 2]),
        ("0. a\n1. b", [0, 1]),
        ("7) a\n\n9) b", [7, 9]),
        ("1. a\n\ntext\n\n2. b", [1, 2]),
        ("1. a\n```\nx\n```\n2. b", [1, 2]),
        ("2. a\n   1. b\n   3. c\n4. d", [2, 1, 3, 4]),
        ("1. a\n1. b\n1. c", [1, 2, 3]),  # Markdown's way to leave the counting to others.
    ],
)
def test_an_item_shows_the_number_that_the_model_wrote(text, numbers):
    html = render_markdown(text)
    shown, lists = [], []
    for tag, start, value in re.findall(
        r'<(/?ol|li)(?: start="(\d+)")?(?: value="(\d+)")?[^>]*>', html
    ):
        if tag == "ol":
            lists.append(int(start or 1))
        elif tag == "/ol":
            lists.pop()
        else:
            lists[-1] = int(value or lists[-1])
            shown.append(lists[-1])
            lists[-1] += 1
    assert shown == numbers


@pytest.mark.parametrize(
    ("info", "label"),
    [
        ("python", "python"),
        ('python title="main.py"', "python"),
        ("python:src/main.py", "python"),
        ("js {1,3-5} showLineNumbers", "js"),
        ("ts{2}", "ts"),
        ("{.python .numberLines}", "python"),
        ("{python}", "python"),
        ("rust,ignore", "rust"),
        ("c++", "c++"),
        ("C#", "C#"),
        ("objective-c", "objective-c"),
        (".env", ".env"),
        ("Dockerfile", "Dockerfile"),
        ("nonsense python", "nonsense"),
        ('title="main.py"', ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_code_is_named_by_its_language_alone(info, label, fence):
    html = render_markdown(f"{fence}{info}\nif x: pass # y\n{fence}")
    assert re.findall(r'<div class="code__language">([^<]*)</div>', html) == [label] * bool(label)
    assert ('<span class="' in html) == (label.lower() not in ("nonsense", ".env", ""))

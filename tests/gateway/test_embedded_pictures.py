"""Pictures whose letters stand in the text of an answer, however it is cut."""

import pytest

from apps.gateway.reply.embedded_pictures import MAX_PICTURE_CHARS, PictureSplitter, split_pictures
from scripts.demo_openai.faults.service_replies.chunks import BMP, PICTURE

SVG = "data:image/svg+xml;base64,PHN2Zy8+"
BROKEN = PICTURE[:-20] + "="
PNG, LONG = len(PICTURE), f"data:image/bmp;base64,{BMP}"

# A text, and what it becomes: pictures as their descriptions with what is wrong with them.
TEXTS = {
    "alone": (f"![chart]({PICTURE})", [("chart", "")]),
    "between words": (f"a ![chart]({PICTURE}) b", ["a ", ("chart", ""), " b"]),
    "of many letters": (f"![chart]({LONG})!", [("chart", ""), "!"]),
    "with a title": (f'![chart]({PICTURE} "Title")', [("chart", "")]),
    "in angle brackets": (f"![chart](<{PICTURE}>)", [("chart", "")]),
    "without a description": (f"![]({PICTURE})", [("", "")]),
    "with escapes": (f"![a \\[b\\]]({PICTURE})", [("a [b]", "")]),
    "in a link": (f"[![c]({PICTURE})](https://e.org/)", ["[", ("c", ""), "](https://e.org/)"]),
    "as a link": (f"[chart]({PICTURE})", [("chart", "")]),
    "in a table": (f"| ![c]({PICTURE}) | 2 |", ["| ", ("c", ""), " | 2 |"]),
    "in a list": (f"- ![c]({PICTURE})\n- b", ["- ", ("c", ""), "\n- b"]),
    "twice": (f"![a]({PICTURE})![b]({PICTURE})", [("a", ""), ("b", "")]),
    "bare": (f"See {PICTURE} there", ["See ", ("", ""), " there"]),
    "as a reference": (f"![c][1]\n\n[1]: {PICTURE}\n", ["![c][1]\n\n[1]: ", ("", ""), "\n"]),
    "of HTML": (f'<img alt="c" src="{PICTURE}" width="3">.', [("c", ""), "."]),
    "of HTML, described later": (f"<img src='{PICTURE}' alt='c'>.", [("c", ""), "."]),
    "SVG": (f"![c]({SVG})", [("c", "svg")]),
    "SVG in plain letters": ("![c](data:image/svg+xml,%3Csvg/%3E)", [("c", "svg")]),
    "broken": (f"![c]({BROKEN[:-2]}=A)", [("c", "broken")]),
    "without an end": (f"a ![c]({PICTURE[:-9]}", ["a ", ("c", "cut")]),
    "in capitals": (f"![c]({PICTURE.replace('data:image', 'DATA:Image')})", [("c", "")]),
    "in a span": (f"`![c]({PICTURE})`", [f"`![c]({PICTURE})`"]),
    "in a fence": (f"```\n![c]({PICTURE})\n```\n", [f"```\n![c]({PICTURE})\n```\n"]),
    "long, in a fence": (f"```\n![c]({LONG})\n```\n", ["```\n", ("c", ""), "\n```\n"]),
    "after a fence": (f"```\nx\n```\n![c]({PICTURE})", ["```\nx\n```\n", ("c", "")]),
    "an example": ("![c](data:image/png;base64,...)", ["![c](data:image/png;base64,...)"]),
    "no picture": ("data:text/plain;base64,SGk=", ["data:text/plain;base64,SGk="]),
    "at an address": ("![c](https://e.org/a.png)", ["![c](https://e.org/a.png)"]),
    "nearly": ("Data: [a] ![b](data:) <im d", ["Data: [a] ![b](data:) <im d"]),
}


def told(parts):
    """Return the parts with texts joined, and pictures as what they say."""
    joined = []
    for part in parts:
        if not isinstance(part, str):
            joined.append((part.description, part.problem))
        elif joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 100, 10**6])
def test_pictures_are_taken_out_of_a_text_however_it_is_cut(name, size):
    text, expected = TEXTS[name]
    splitter = PictureSplitter()
    parts = [part for at in range(0, len(text), size) for part in splitter.feed(text[at:][:size])]
    assert told(parts + splitter.flush()) == expected
    assert told(split_pictures(text)) == expected


def test_a_picture_without_end_is_not_held():
    splitter = PictureSplitter()
    splitter.feed("![c](data:image/png;base64,")
    for _ in range(MAX_PICTURE_CHARS // 1_000_000 + 1):
        assert splitter.feed("A" * 1_000_000) == []
    assert told(splitter.feed(") after")) == [("c", "large"), " after"]

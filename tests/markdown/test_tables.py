"""Tables: as GFM reads them, and with whatever stands in a row that is too long for that."""

import re

import pytest

from apps.markdown.stream import render_markdown


def cells(text):
    """Return the cells of each row; code as it would be written, formulas by their source."""
    html = re.sub(
        r'<math[^>]*alttext="([^"]*)".*?</math><span.*?</span>', r"$\1$", render_markdown(text)
    )
    html = re.sub(r"</?code[^>]*>", "`", html).replace("\n", "")
    rows = re.findall("<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def row(text, columns=2):
    head = "| " + "h | " * columns + "\n|" + "-|" * columns
    (found,) = cells(f"{head}\n{text}")[1:]
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("| `ps aux | grep nginx` | find |", ["`ps aux | grep nginx`", "find"]),
        ("| `a || b` | or |", ["`a || b`", "or"]),
        ("| `cat f | sort | uniq -c` | count lines |", ["`cat f | sort | uniq -c`", "count lines"]),
        ("| find | `ps | grep` |", ["find", "`ps | grep`"]),
        ("| `a|b` | `c|d` |", ["`a|b`", "`c|d`"]),
        ("`a|b` | c", ["`a|b`", "c"]),
        ("| ``a ` | b`` | c |", ["``a ` | b``".replace("``", "`"), "c"]),
        (r"| `x \| y` | z |", ["`x | y`", "z"]),
        (r"| `x \| y | w` | z |", ["`x | y | w`", "z"]),
        (r"| x \| y | z |", ["x | y", "z"]),
        ("| $a|b$ | z |", ["$a|b$", "z"]),
        (r"| \(|x|\) | z |", ["$|x|$", "z"]),
        ("| $|x|$ | $|y|$ |", ["$|x|$", "$|y|$"]),
        ("| **a** | b | c | d |", ["<strong>a</strong>", "b | c | d"]),
        ("| `a | b | c |", ["`a", "b | c"]),
        # Rows that fit.
        ("| `a | b` |", ["`a", "b`"]),
        ("| a |", ["a", ""]),
        ("| | |", ["", ""]),
        ("a | b", ["a", "b"]),
        ("a", ["a", ""]),
    ],
)
def test_pipes_in_what_is_literal_are_no_borders(text, found):
    assert row(text) == found


def test_the_head_may_have_pipes_in_its_code():
    assert cells("| `a | b` | c |\n|-|-|\n| 1 | 2 |") == [["`a | b`", "c"], ["1", "2"]]


# https://github.github.com/gfm/#tables-extension-
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("| foo | bar |\n| --- | --- |\n| baz | bim |", [["foo", "bar"], ["baz", "bim"]]),
        ("| abc | defghi |\n:-: | -----------:\nbar | baz", [["abc", "defghi"], ["bar", "baz"]]),
        ("| f\\|oo |\n| ------ |\n| b `\\|` az |", [["f|oo"], ["b `|` az"]]),
        ("| a | b |\n| --- | --- |\n| c | d |\n> bar", [["a", "b"], ["c", "d"]]),
        (
            "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar",
            [["abc", "def"], ["bar", "baz"], ["bar", ""]],
        ),
        ("| abc | def |\n| --- |\n| bar |", []),
        ("| abc | def |\n| --- | --- |\n| bar |", [["abc", "def"], ["bar", ""]]),
        ("| abc | def |\n| --- | --- |", [["abc", "def"]]),
        ("a | b\n- | -\n1 | 2", []),  # A list.
        ("a\n-|-\n", []),
        ("# a | b\n-|-\n", []),
        ("    a | b\n-|-\n", []),
        ("a | b\n:-- --|-\n", []),
        ("a | b\n-||-\n", []),
        ("- a | b\n  -|-\n  1 | 2", [["a", "b"], ["1", "2"]]),
        ("> a | b\n> -|-\n> 1 | 2", [["a", "b"], ["1", "2"]]),
        ("| a |\n|-|\n\n| b |", [["a"]]),
    ],
)
def test_gfms_tables_are_read(text, rows):
    assert cells(text) == rows


def test_a_short_row_of_a_wide_table_is_not_filled_for_ever():
    text = f"{'|a' * 1000}|\n{'|-' * 1000}|\n" + "|b|\n" * 1000
    assert render_markdown(text).count("<td") < 80_000

"""Links of all the forms that CommonMark and GFM define."""

import re
from html import unescape

import pytest

from apps.markdown.stream import render_markdown


def links(text):
    found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', render_markdown(text))
    return [(unescape(url), unescape(shown)) for url, shown in found]


def www(address):
    return (f"http://{address}", address)


def mail(address):
    return (f"mailto:{address}", address)


def same(address):
    return (address, address)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "www.example.org and example.org and someone@example.org.",
            [www("www.example.org"), mail("someone@example.org")],
        ),
        # The examples of https://github.github.com/gfm/#autolinks-extension-
        ("www.commonmark.org", [www("www.commonmark.org")]),
        ("Visit www.commonmark.org/help for more", [www("www.commonmark.org/help")]),
        ("Visit www.commonmark.org.", [www("www.commonmark.org")]),
        ("Visit www.commonmark.org/a.b.", [www("www.commonmark.org/a.b")]),
        (
            "www.google.com/search?q=Markup+(business)",
            [www("www.google.com/search?q=Markup+(business)")],
        ),
        ("(www.google.com/search?q=a+(b))", [www("www.google.com/search?q=a+(b)")]),
        ("(www.google.com/search?q=a+(b)", [www("www.google.com/search?q=a+(b)")]),
        ("www.google.com/search?q=a+(b)))", [www("www.google.com/search?q=a+(b)")]),
        ("www.google.com/search?q=(business))+ok", [www("www.google.com/search?q=(business))+ok")]),
        ("www.google.com/search?q=a&hl=en", [www("www.google.com/search?q=a&hl=en")]),
        ("www.google.com/search?q=commonmark&hl;", [www("www.google.com/search?q=commonmark")]),
        ("www.commonmark.org/he<lp", [www("www.commonmark.org/he")]),
        ("http://commonmark.org", [same("http://commonmark.org")]),
        ("(Visit https://encrypted.google.com/search?q=Markup+(business))",
         [same("https://encrypted.google.com/search?q=Markup+(business)")]),
        ("foo@bar.baz", [mail("foo@bar.baz")]),
        (
            "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.",
            [mail("hello+xyz@mail.example")],
        ),
        ("a.b-c_d@a.b", [mail("a.b-c_d@a.b")]),
        ("a.b-c_d@a.b.", [mail("a.b-c_d@a.b")]),
        ("a.b-c_d@a.b-", []),
        ("a.b-c_d@a.b_", []),
        ("mailto:foo@bar.baz", [("mailto:foo@bar.baz", "mailto:foo@bar.baz")]),
        # Places.
        ("**www.example.org**", [www("www.example.org")]),
        ("_www.example.org_", [www("www.example.org")]),
        ("~~www.example.org/a_b~~", [www("www.example.org/a_b")]),
        ("请访问www.example.org。", [www("www.example.org")]),
        ("「www.example.org」", [www("www.example.org")]),
        ("参见https://example.org/路径，谢谢", [("https://example.org/%E8%B7%AF%E5%BE%84", "https://example.org/路径")]),
        ("联系someone@example.org。", [mail("someone@example.org")]),
        ("| www.example.org | a@b.org |\n|-|-|", [www("www.example.org"), mail("a@b.org")]),
        ("a_b@example.org, *c@example.org*", [mail("a_b@example.org"), mail("c@example.org")]),
        ("www.münchen.de/x", [("http://www.xn--mnchen-3ya.de/x", "www.münchen.de/x")]),
        # CommonMark's.
        ("<https://a.example/b>", [same("https://a.example/b")]),
        ("<a@b.example>", [mail("a@b.example")]),
        ("[a](https://a.example 'T')", [("https://a.example", "a")]),
        ("[www.a.example](https://b.example)", [("https://b.example", "www.a.example")]),
        ("[a@b.example](https://b.example)", [("https://b.example", "a@b.example")]),
        # None.
        ("example.org, sub.example.org/x", []),
        ("awww.example.org", []),
        ("www.", []),
        ("www.a_b.example_c.d", []),
        ("`www.example.org a@b.org`", []),
        ("```\nwww.example.org a@b.org\n```", []),
        ("react@18.2.0 and @scope/package@1.2.3", []),
        ("@user a@b @a.b a@.b", []),
    ],
)  # fmt: skip
def test_links_are_found(text, found):
    assert links(text) == found


@pytest.mark.parametrize(
    "text", ["www." * 20_000, "a@" * 40_000, "a.b@c.d" * 10_000, "a" * 90_000 + "@b.c"]
)
def test_what_resembles_links_takes_no_time_and_is_kept(text):
    assert re.sub("<[^>]*>", "", render_markdown(text)).strip() == text

"""Emphasis in Chinese, Japanese and Korean, by the CJK-friendly rule for delimiter runs."""

import re

import pytest

from apps.markdown.stream import render_markdown


def emphasised(text):
    html = render_markdown(text)
    return re.findall(r"<(?:strong|em|s)>(.*?)</(?:strong|em|s)>", html)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("**注意：**明天上午九点开会。", ["注意："]),
        ("他说**“今天不去”**，然后走了。", ["“今天不去”"]),
        ("* **地点：**三楼会议室", ["地点："]),
        ("「**安全**」と**「安全」**の違い。", ["安全", "「安全」"]),
        ('**결론:**은 이렇다. **"인용"**이라고 했다.', ["결론:", '"인용"']),
        ("*注意：*明天", ["注意："]),
        ("~~价格：100元。~~现在免费", ["价格：100元。"]),
        ("これは**(重要)**です", ["(重要)"]),
        ("请运行**`npm start`**命令", ['<code dir="ltr">npm start</code>']),
        ("参见**[链接](https://a.b)**的说明", None),
        ("| a |\n|-|\n| **注意：**明天 |", ["注意："]),
        ("> **注意：**明天", ["注意："]),
        ("# **注意：**明天", ["注意："]),
        ("𠮷**「x」**𠮷野家", ["「x」"]),
        ("𠮷**(x)**𩸽", ["(x)"]),
        ("葛\U000e0100**(x)**葛\U000e0100", ["(x)"]),
        ("禰︀**(x)**禰︀", ["(x)"]),
        ("a“︁**(x)**b", []),
        ("“︁**(x)**“︁b", ["(x)"]),
        ("**ﾃｽﾄ。**ﾃｽﾄ", ["ﾃｽﾄ。"]),
        ("**[テスト]**ﾃｽﾄ", ["[テスト]"]),
        ("ᅡ**(x)**ᆨ", ["(x)"]),
        ("**한국어(Korean)**는", ["한국어(Korean)"]),
        ("**말씀하셨다.**고", ["말씀하셨다."]),
    ],
)
def test_emphasis_needs_no_space_beside_it(text, inside):
    found = emphasised(text)
    assert found == inside if inside is not None else len(found) == 1
    assert not re.search(r"\*|~~", re.sub(r"<[^>]*>", "", render_markdown(text))) or not found


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("a**(x)**b", []),
        ("a**.x**b", []),
        ('a**"x"**b', []),
        ("**bold:**text", []),
        ("**x.**😀", ["x."]),  # A symbol counts as punctuation,
        ("😀**(x)**a", []),  # and an emoji as no letter of these scripts.
        ("中__注意__文", []),  # An underscore may stand within a word.
        ("中_注意：_文", []),
        ("~5 to ~10 euros, 5~10分钟", []),
        ("5~10分钟，约~~", []),
        ("** 注意：**", []),
        ("5 * 3 * 2，乘*号", []),
    ],
)
def test_everywhere_else_commonmarks_rule_holds(text, inside):
    assert emphasised(text) == inside


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("The fog comes\non little cat feet.", ["The fog comes", "on little cat feet."]),
        ("**Total:** 5\n**Mean:** 2", ["<strong>Total:</strong> 5", "<strong>Mean:</strong> 2"]),
        ("✅ Fast\n✅ Small", ["✅ Fast", "✅ Small"]),
        ("(a) first\n(b) second", ["(a) first", "(b) second"]),
        ("a  \nb\\\nc", ["a", "b", "c"]),
        ("*a\nb*", ["<em>a", "b</em>"]),
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "- {}", "> {}", "1. {}", "[^1]: {}", "- > {}"])
def test_each_line_is_a_line(text, lines, wrap):
    html = render_markdown(wrap.format(text))
    assert "<br>\n".join(lines) in html
    assert html.count("<br>") == len(lines) - 1

"""Formulas as MathML Core: what is written for what TeX, and that nothing else is."""

import re
import threading
import time
from xml.etree import ElementTree

import pytest

from apps.markdown.maths.commands import COMMANDS
from apps.markdown.maths.converter import to_mathml
from apps.markdown.maths.mathml import ATTRIBUTES, TAGS
from apps.markdown.maths.text import STYLES

# https://www.w3.org/TR/mathml-core/#global-attributes and those of the single elements.
CORE = (
    "accent accentunder class columnspan depth displaystyle fence form height largeop"
    " linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize"
    " movablelimits rowspan rspace scriptlevel separator stretchy symmetric voffset width"
)


def tree(source, *, display=True):
    html = to_mathml(source, display=display)
    assert html, source
    return ElementTree.fromstring(html[: html.index("</math>") + 7])


def outline(source, *, display=True):
    """Return the formula as words: `name.class[children]`, rows and spaces left out."""
    return " ".join(_outline(tree(source, display=display)))


def _outline(element):
    inside = " ".join(part for child in element for part in _outline(child))
    text = (element.text or "").replace("\u2061", "").replace("\u2063", "").replace("\xa0", "_")
    kind = element.get("class", "").replace("maths__", "")
    if element.tag in ("mi", "mo", "mn", "mtext"):
        return [f"{text}.{kind}" if kind else text] if text else []
    if element.tag in ("math", "mspace") or (element.tag == "mrow" and not kind):
        return [inside] if inside else []
    name = element.tag.removeprefix("m")
    return [f"{name}.{kind}[{inside}]" if kind else f"{name}[{inside}]"]


ENVIRONMENTS = (
    "align align* aligned alignat{2} alignat*{2} alignedat{2} split flalign matrix pmatrix"
    " bmatrix bmatrix*[r] vmatrix Bmatrix Vmatrix smallmatrix cases dcases rcases array{rl}"
    " eqnarray array{@{}r*{2}{l}} tabular{ll}"
)
OPERATORS = "lim limsup liminf max min sup inf det gcd Pr injlim projlim argmax varlimsup"
MORE = (
    "cancel bcancel xcancel overline underline widehat widetilde widecheck hat vec bar dot"
    " ddot overbrace underbrace overbracket underbracket overparen underparen overrightarrow"
    " overleftarrow xrightarrow xleftarrow xleftrightarrow xRightarrow xmapsto sqrt frac dfrac"
    " tfrac cfrac binom dbinom genfrac stackrel overset underset mathbb mathcal mathfrak"
    " mathscr mathbf mathrm mathsf mathtt mathit boldsymbol bm phantom hphantom vphantom sum"
    " int oint prod bigcup lim big Big bigg Bigg not pmod bmod mod mathord mathrel mathbin"
    " mathopen mathclose mathinner mathpunct raisebox prescript sideset bra ket braket quad"
    " qquad displaystyle textstyle scriptstyle limits nolimits middle pmb rm bf it cal tt sf"
)


LOOKS = [
    (r"\frac{\cancel{3}x}{\cancel{3}}", "frac[row.strike--up[3] x row.strike--up[3]]"),
    (r"\bcancel{x}", "row.strike--down[x]"),
    (r"\xcancel{x}", "row.strike--cross[x]"),
    (r"\sout{x}", "row.strike--through[x]"),
    (r"\cancelto{0}{x}", "sup[row.strike--up[x] 0]"),
    (r"\enclose{horizontalstrike}{x}", "row.strike--through[x]"),
    (r"\boxed{x = 1}", "row.box[x = 1]"),
    (r"\fbox{a b}", "row.box[a b]"),
    (r"\overline{abc}", "row.line--over[a b c]"),
    (r"\underline{abc}", "row.line--under[a b c]"),
    (r"x = 1 \tag{7}", "x = 1 row.tag[(7)]"),
    (r"x \tag*{Z}", "x row.tag[Z]"),
    (
        r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
        "table[tr[td.cell--rule-right[a] td[b]]"
        " tr[td.cell--rule-top maths__cell--rule-right[c] td.cell--rule-top[d]]]".replace(
            "maths__", ""
        ),
    ),
    (
        r"\begin{array}{lr}\hline a & b \\\hline\end{array}",
        "table[tr[td.cell--rule-bottom cell--rule-top cell--left[a]"
        " td.cell--rule-bottom cell--rule-top cell--right[b]]]",
    ),
    (
        r"\left[\begin{array}{c|c}1&2\end{array}\right]",
        "[ table[tr[td.cell--rule-right[1] td[2]]] ]",
    ),
    (r"\begin{array}{l||r}a&b\end{array}", None),
]


@pytest.mark.parametrize(("source", "found"), LOOKS)
def test_looks_are_classes(source, found):
    if found is None:
        assert outline(source).count("rule-right") == 2
    else:
        assert outline(source) == found


TEXTS = [
    (r"100\% of A \& B", "100% of A & B"),
    (r"a\_b \#1 \$5 \{x\}", "a_b #1 $5 {x}"),
    (r"\textbackslash{} \textasciitilde{} \^{}", "\\ ~ ^"),
    ("x~y", "x_y"),
    (r" if ", "_if_"),
    (r"``a'' -- b --- c", "“a” – b — c"),
    (r"caf\'e \"u na\"{\i}ve \c{c}", "café ü naïve ç"),
    (r"a\ldots b", "a…b"),
    ("größer 中文", "größer 中文"),
]


@pytest.mark.parametrize(("source", "found"), TEXTS)
@pytest.mark.parametrize("command", ["text", "textrm", "textbf", "texttt", "mbox", "textnormal"])
def test_text_has_escapes_of_its_own(command, source, found):
    kind = {"textbf": ".text--bold", "texttt": ".text--code"}.get(command, "")
    assert outline(rf"\{command}{{{source}}}") == found + kind


STRUCTURES = [
    (r"\text{if $x^2$ and \(y\)}", "if_ sup[x 2] _and_ y"),
    (r"\text{a \textbf{b} c}", "a_ b.text--bold _c"),
    (r"\lim_{n \to \infty} a", "under[lim n → ∞] a"),
    (r"\max_{x \in S} f", "under[max x ∈ S] f"),
    (r"\operatorname*{argmin}_x", "under[argmin x]"),
    (r"\mathop{\arg\max}_x", "under[arg\u2009max x]"),
    (
        r"\sum_{\substack{a \\ b}} x",
        "under[∑ table[tr[td.cell--close[a]] tr[td.cell--close[b]]]] x",
    ),
    (r"\widehat{ABC}", "over[A B C \u0302.hat]"),
    (r"\widetilde{ABC}", "over[A B C \u0303.wave]"),
    (r"\underbrace{a+b}_{\text{sum}}", "under[under[a + b ⏟.brace--under] sum]"),
    (r"\overbrace{a+b}^{n}", "over[over[a + b ⏞.brace--over] n]"),
    (r"\overrightarrow{AB}", "over[A B →]"),
    (r"\xrightarrow{a}", None),
    (r"\ce{2H2 + O2 -> 2H2O}", "2 sub[H 2] + sub[O 2] over[→ over[]] 2 sub[H 2] O"),
    (r"\ce{SO4^2-}", "subsup[SO 4 2 −]"),
    (r"\ce{Na+ + Cl-}", "sup[Na +] + sup[Cl −]"),
    (r"\ce{CuSO4.5H2O}", "sub[CuSO 4] ⋅ 5 sub[H 2] O"),
    (r"\ce{[Fe(CN)6]^4-}", "[ Fe ( CN sub[) 6] sup[] 4 −]"),
    (r"\ce{^{14}_{6}C}", "subsup[6 14] C"),
    (r"\ce{1/2 O2}", "frac[1 2] sub[O 2]"),
    (r"\ce{H2O(l)}", "sub[H 2] O (l)"),
    (r"\ce{CH2=CH2}", "sub[CH 2] = sub[CH 2]"),
    (r"\pu{5 kJ mol-1}", "5 kJ sup[mol − 1]"),
    (r"\SI{9.81}{\metre\per\second\squared}", "9.81 m sup[s − 2]"),
    (r"\SI{3}{m/s}", "3 m / s"),
    (r"\qty{5}{\kilo\gram}", "5 kg"),
    (r"\unit{kg.m/s^2}", "kg m / sup[s 2]"),
    (r"\num{1.5e-3}", "1.5 × sup[10 − 3]"),
    (r"\num{1e5}", "1 × sup[10 5]"),
    (r"\ang{45}", "sup[45 ∘]"),
    (r"\abs{x}", "| x |"),
    (r"\norm{x}", "‖ x ‖"),
    (r"\set{x}", "{ x }"),
    (r"\dv{f}{x}", "frac[d f d x]"),
    (r"\dv[2]{f}{x}", "frac[sup[d 2] f d sup[x 2]]"),
    (r"\dv{x}", "frac[d d x]"),
    (r"\pdv{f}{x}{y}", "frac[sup[∂ 2] f ∂ x ∂ y]"),
    (r"\qty(\frac{a}{b})", "( frac[a b] )"),
    (r"\DeclareMathOperator{\foo}{foo} \foo x", "foo x"),
    (r"\newcommand{\norm}[1]{\lVert #1 \rVert} \norm{x}", "‖ x ‖"),
    (r"\newcommand{\p}[2][a]{#1#2} \p{x} \p[b]{y}", "a x b y"),
    (r"\def\p#1{y#1} \p z", "y z"),
    (r"x \label{eq:1} \nonumber", "x"),
    (r"\smash{x} \mathstrut y", None),
    (r"a = 1 \\ b = 2", "table[tr[td[a = 1]] tr[td[b = 2]]]"),
    (r"\begin{equation} x \end{equation}", "x"),
    (r"\root 3 \of x", "root[x 3]"),
    (r"\left< x \right>", "⟨ x ⟩"),
    ("x % a comment\n+ y", "x + y"),
    ("a\n\n\nb", "a b"),
    (r"\text{50%}", "50%"),
    ("50% + x", "50 % + x"),
    (r"\eval{x}_0^1", "subsup[x | 0 1]"),
    (r"\ketbra{a}{b}", "| a ⟩ ⟨ b |"),
    (r"\pmqty{a & b}", "( table[tr[td[a] td[b]]] )"),
    (r"\SIrange{1}{5}{m}", "1 m – 5 m"),
    (r"\ce{A\bond{-}B}", "A − B"),
]


@pytest.mark.parametrize(("source", "found"), STRUCTURES)
def test_structures(source, found):
    assert found is None or outline(source) == found
    tree(source)


@pytest.mark.parametrize(
    "name",
    OPERATORS.split(),
)
def test_limits_stand_below_in_display_and_beside_in_the_line(name):
    if name != "det":
        assert tree(rf"\{name}_{{x}}").find(".//munder") is not None
    assert tree(rf"\{name}_{{x}}", display=False).find(".//munder") is None


@pytest.mark.parametrize(
    "body",
    [
        r"\begin{NAME}a &= b \\ c &= d\end{NAME}",
        r"\begin{NAME} a &= b \\[2em] c &= d \\ \end{NAME}",
    ],
)
@pytest.mark.parametrize(
    "name",
    ENVIRONMENTS.split(),
)
def test_environments_have_rows(name, body):
    plain = re.match(r"[a-z*A-Z]+", name)[0]
    source = body.replace(r"\begin{NAME}", rf"\begin{{{plain}}}{name[len(plain) :]}")
    html = to_mathml(source.replace("NAME", plain), display=True)
    assert html.count("<mtr>") == 2
    assert "(1)" not in html


@pytest.mark.parametrize(
    ("source", "colours"),
    [
        (r"\color{red}{-5} + \textcolor{blue}{3}", ["#ff0000", "#6464ff"]),
        (r"{\color{red} x + y} z", ["#ff0000"]),
        (r"\textcolor{#f00}{x} \textcolor[HTML]{FF0000}{x}", ["#ff0000", "#ff0000"]),
        (r"\textcolor[rgb]{1,0,0}{x}", ["#ff0000"]),
        (r"\textcolor{black}{x} \textcolor{white}{x} \textcolor{nonsense}{x}", []),
    ],
)
def test_colours(source, colours):
    assert re.findall('mathcolor="([^"]*)"', to_mathml(source, display=True)) == colours


@pytest.mark.parametrize("name", ["yellow", "blue", "black", "#00ff00", "#000080", "#ffffcc"])
def test_a_colour_can_be_read_in_both_themes(name):
    found = re.findall(
        'mathcolor="#(..)(..)(..)"', to_mathml(rf"\textcolor{{{name}}}{{x}}", display=False)
    )
    for red, green, blue in found:
        parts = zip((0.2126, 0.7152, 0.0722), (red, green, blue), strict=True)
        luminance = sum(share * (int(part, 16) / 255) ** 2.2 for share, part in parts)
        assert 1.0 / (luminance + 0.05) > 3.3  # Against the paper of the light theme,
        assert (luminance + 0.05) / 0.06 > 3.3  # and that of the dark one.


ARGUMENTS = ("", "{x}", "{x}{y}", "{2}{c}{z}", r"{red}{x}", "(x)", r"[a]{x}", "^2_1 x", r"{1em}")
KNOWN = sorted({*COMMANDS, *STYLES})
KNOWN += [f"\\{name}" for name in MORE.split()]


@pytest.mark.parametrize("command", KNOWN)
def test_all_commands_write_core_alone(command):
    assert {*ATTRIBUTES} <= set(CORE.split())
    for arguments in ARGUMENTS:
        html = to_mathml(f"{command}{arguments} z", display=True)
        if html:
            root = ElementTree.fromstring(html[: html.index("</math>") + 7])
            for element in root.iter():
                assert element.tag in TAGS | {"math"}
                names = set(element.attrib) - {"alttext", "display"}
                assert names <= ATTRIBUTES
                assert element.get("mathvariant", "normal") == "normal"


@pytest.mark.parametrize(
    "source",
    [
        r"\nonsense{x}",
        r"\frac",
        "a & b",
        r"\begin{tikzcd} a \end{tikzcd}",
        r"\begin{align} a",
        "{" * 70 + "}" * 70,
        "x" * 2_001,
        " ",
        "%",
        "\\",
        r"\newcommand{\a}{\a\a}\a",
    ],
)
def test_what_cannot_be_shown_is_none(source):
    assert to_mathml(source, display=True) is None


HOSTILE = {
    "braces": "{" * 1_000 + "}" * 1_000,
    "roots": r"\sqrt" * 400 + "x",
    "fences": r"\left(" * 160 + r"\right)" * 130,
    "environments": r"\begin{matrix}" * 70 + r"\end{matrix}" * 70,
    "texts": r"\text{" * 300 + "}" * 300,
    "degrees": r"\sqrt[" * 300,
    "laughs": r"\def\a{xxxxxxxxxx}"
    + "".join(rf"\def\{chr(98 + n)}{{{(chr(92) + chr(97 + n)) * 10}}}" for n in range(20))
    + r"\u",
    "doubling": r"\newcommand{\a}[1]{#1#1#1#1}" + r"\a{" * 30 + "x" + "}" * 30,
    "columns": r"\begin{array}{*{99999}{*{99999}{c}}}x\end{array}",
    "cells": r"\begin{matrix}" + "&" * 1_900 + r"\end{matrix}",
    "primes": "x" + "'" * 1_900,
    "chemistry": r"\ce{" + "{" * 50 + "H" * 1_000 + "}" * 50 + "}",
    "arrows": r"\ce{" + "->[" * 300 + "}",
    "styles": r"\scriptstyle x" * 130,
    "colours": r"\color{red} x" * 150,
    "functions": r"\sin_x" * 300,
    "units": r"\unit{" + r"\kilo" * 350 + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_formulas_take_no_second(name):
    started = time.thread_time()
    to_mathml(HOSTILE[name][:2_000], display=True)
    assert time.thread_time() - started < 1


def test_the_deepest_formula_fits_into_the_stack_of_a_thread():
    found = []
    worker = threading.Thread(
        target=lambda: found.append(to_mathml("{" * 58 + "x" + "}" * 58, display=True))
    )
    worker.start()
    worker.join()
    assert "<mi>x</mi>" in found[0]


def test_the_source_stands_beside_for_whoever_copies_it():
    html = to_mathml(r"a < \frac{1}{2}", display=False)
    assert html.endswith(r"<q>a &lt; \frac{1}{2}</q></span>")
    assert 'alttext="a &lt; \\frac{1}{2}"' in html

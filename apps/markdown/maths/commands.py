"""Commands of TeX that the converter does not know, by those it knows."""

from apps.markdown.maths.aliases import BEFORE_FENCES, DROPPED, DROPPED_WITH_ARGUMENT, SAME
from apps.markdown.maths.physics import PHYSICS, Command, Rewriter
from apps.markdown.maths.styles import Look, colour_look
from apps.markdown.maths.text import protect
from apps.markdown.maths.tokens import Reader, TexError

_LAST_ONLY = {  # The number of arguments of which only the last is shown.
    r"\mathclap": 1,
    r"\clap": 1,
    r"\mathllap": 1,
    r"\llap": 1,
    r"\href": 2,
    r"\class": 2,
    r"\cssId": 2,
    r"\style": 2,
    r"\htmlClass": 2,
    r"\mathchoice": 4,
    r"\ensuremath": 1,
    r"\adjustbox": 2,
    r"\scalebox": 2,
    r"\resizebox": 3,
}


def _same(target: str) -> Command:
    is_command = target[0] not in "<>"
    return lambda reader, rewriter: f"\\{target} " if is_command else target


def _last_of(count: int) -> Command:
    return lambda reader, rewriter: rewriter.rewrite([reader.argument() for _ in range(count)][-1])


def _dropped(reader: Reader, rewriter: Rewriter) -> str:
    return " "


def _dropped_with_argument(reader: Reader, rewriter: Rewriter) -> str:
    reader.takes("*")
    reader.argument()
    return " "


def _look(look: Look) -> Command:
    def write(reader: Reader, rewriter: Rewriter) -> str:
        reader.optional()
        return rewriter.looks.dress(rewriter.rewrite(reader.argument()), look)

    return write


def _color(reader: Reader, rewriter: Rewriter) -> str:
    model = reader.optional()
    look = colour_look(reader.argument(), model)
    rest = reader.argument() if reader.next_is("{") else reader.until("&", r"\\", r"\right")
    return rewriter.looks.dress(rewriter.rewrite(rest), look)


def _textcolor(reader: Reader, rewriter: Rewriter) -> str:
    model = reader.optional()
    look = colour_look(reader.argument(), model)
    return rewriter.looks.dress(rewriter.rewrite(reader.argument()), look)


def _colorbox(reader: Reader, rewriter: Rewriter) -> str:
    reader.optional()
    reader.argument()
    return rewriter.looks.dress(rewriter.rewrite(rf"\text{{{reader.argument()}}}"), _MARKED)


def _framed(reader: Reader, rewriter: Rewriter) -> str:
    reader.optional()
    return rewriter.looks.dress(rewriter.rewrite(rf"\text{{{reader.argument()}}}"), _BOXED)


def _colour_framed(reader: Reader, rewriter: Rewriter) -> str:
    reader.argument()
    reader.argument()
    return _framed(reader, rewriter)


def _tag(reader: Reader, rewriter: Rewriter) -> str:
    is_bare = reader.takes("*")
    words = reader.argument()
    text = rewriter.rewrite(rf"\text{{{words if is_bare else f'({words})'}}}")
    return rf"\qquad\qquad {rewriter.looks.dress(text, Look(classes='maths__tag'))}"


def _reference(reader: Reader, rewriter: Rewriter) -> str:
    return rf"\text{{{protect(f'({reader.argument()})')}}}"


def _substack(reader: Reader, rewriter: Rewriter) -> str:
    return rf"{{\begin{{subarray}}{{c}} {rewriter.rewrite(reader.argument())} \end{{subarray}}}}"


def _sfrac(reader: Reader, rewriter: Rewriter) -> str:
    above, below = (rewriter.rewrite(reader.argument()) for _ in range(2))
    return rf"{{}}^{{{above}}}\!/\!{{}}_{{{below}}}"


def _flatfrac(reader: Reader, rewriter: Rewriter) -> str:
    return "{}/{}".format(*(rewriter.rewrite(reader.argument()) for _ in range(2)))


def _root(reader: Reader, rewriter: Rewriter) -> str:
    degree = rewriter.rewrite(reader.until(r"\of"))
    if not reader.takes(r"\of"):
        raise TexError("a root without its content")
    return rf"\sqrt[{degree}]{{{rewriter.rewrite(reader.argument())}}}"


def _cancelto(reader: Reader, rewriter: Rewriter) -> str:
    value, content = (rewriter.rewrite(reader.argument()) for _ in range(2))
    return rf"\cancel{{{content}}}^{{{value}}}"


def _enclose(reader: Reader, rewriter: Rewriter) -> str:
    classes = [_ENCLOSURES[word] for word in reader.argument().split() if word in _ENCLOSURES]
    reader.optional()
    look = Look(classes=" ".join(classes))
    return rewriter.looks.dress(rewriter.rewrite(reader.argument()), look)


def _multicolumn(reader: Reader, rewriter: Rewriter) -> str:
    count = reader.argument().strip()
    reader.argument()
    columns = min(int(count), 60) if count.isdecimal() else 1
    return rewriter.rewrite(reader.argument()) + " & " * (columns - 1)


def _space(reader: Reader, rewriter: Rewriter) -> str:
    reader.takes("*")
    distance = reader.argument() if reader.next_is("{") else reader.dimension()
    if not any(map(str.isdigit, distance)):
        return " "
    return rf"\{'mspace' if 'mu' in distance else 'hspace'}{{{distance.strip()}}}"


def _fence(name: str) -> Command:
    def write(reader: Reader, rewriter: Rewriter) -> str:
        if reader.takes("<", r"\lt"):
            return rf"{name}\langle "
        return rf"{name}\rangle " if reader.takes(">", r"\gt") else name

    return write


def _mathop(reader: Reader, rewriter: Rewriter) -> str:
    content = reader.argument()
    letters = content
    for word in (r"\mathrm", r"\operatorname", r"\text", r"\rm", r"\arg", r"\max", r"\min", r"\ "):
        name = f"{word[1:]}" if word in (r"\arg", r"\max", r"\min") else r"\,"
        letters = letters.replace(word, name if name != r"\," or word == r"\ " else "")
    letters = letters.replace("{", "").replace("}", "").replace("argm", r"arg\,m").strip()
    has_limits = reader.takes(r"\limits")
    if letters and all(part.replace(" ", "").isalpha() for part in letters.split(r"\,")):
        return rf"\operatorname*{{{letters}}}"
    content = rewriter.rewrite(content)
    if not has_limits:
        return rf"\mathop{{{content}}}"
    while reader.next_is("_", "^"):
        command = r"\underset" if reader.takes("_") else r"\overset"
        reader.takes("^")
        content = rf"{command}{{{rewriter.rewrite(reader.argument())}}}{{{content}}}"
    return content


def _operatorname(reader: Reader, rewriter: Rewriter) -> str:
    star = "*" if reader.takes("*") else ""
    name = reader.argument().strip()
    if not all(part.isalnum() for part in name.replace(r"\,", " ").replace("-", " ").split()):
        name = name.replace(r"\ ", r"\,").replace(r"\;", r"\,").replace("~", r"\,")
        for font in (r"\mathrm", r"\rm", r"\text", r"\mathsf", r"\mathbf"):
            name = name.replace(font, "").replace("{", "").replace("}", "")
    return rf"\operatorname{star}{{{name}}}"


_MARKED = Look(classes="maths__mark")
_BOXED = Look(classes="maths__box")
_ENCLOSURES = {
    "horizontalstrike": "maths__strike--through",
    "updiagonalstrike": "maths__strike--up",
    "downdiagonalstrike": "maths__strike--down",
    "box": "maths__box",
    "roundedbox": "maths__box",
    "circle": "maths__box maths__box--round",
    "top": "maths__line--over",
    "bottom": "maths__line--under",
    "actuarial": "maths__line--over",
}
_STRUCK = Look(classes="maths__strike--through")

COMMANDS: dict[str, Command] = {
    **PHYSICS,
    **{f"\\{name}": _same(same) for name, same in SAME.items()},
    **{f"\\{name}": _dropped for name in DROPPED},
    **{f"\\{name}": _dropped_with_argument for name in DROPPED_WITH_ARGUMENT},
    **{name: _last_of(count) for name, count in _LAST_ONLY.items()},
    **dict.fromkeys((r"\sout", r"\st", r"\hcancel"), _look(_STRUCK)),
    **dict.fromkeys((r"\boxed", r"\Aboxed"), _look(_BOXED)),
    **dict.fromkeys((r"\fbox", r"\framebox"), _framed),
    **dict.fromkeys((r"\mathrlap", r"\rlap"), _look(Look("mpadded", "", {"width": "0"}))),
    r"\smash": _look(Look("mpadded", "", {"height": "0", "depth": "0"})),
    **dict.fromkeys((r"\color", r"\colour"), _color),
    r"\textcolor": _textcolor,
    r"\colorbox": _colorbox,
    r"\fcolorbox": _colour_framed,
    r"\tag": _tag,
    **dict.fromkeys((r"\ref", r"\eqref"), _reference),
    r"\substack": _substack,
    **dict.fromkeys((r"\sfrac", r"\nicefrac", r"\xfrac"), _sfrac),
    r"\flatfrac": _flatfrac,
    r"\root": _root,
    r"\cancelto": _cancelto,
    r"\enclose": _enclose,
    r"\multicolumn": _multicolumn,
    **dict.fromkeys((r"\hspace", r"\kern", r"\mkern", r"\hskip", r"\mskip", r"\mspace"), _space),
    **{f"\\{name}": _fence(f"\\{name}") for name in BEFORE_FENCES},
    r"\mathop": _mathop,
    r"\operatorname": _operatorname,
    r"\operatornamewithlimits": lambda reader, rewriter: (
        rf"\operatorname*{{{reader.argument().strip()}}}"
    ),
}

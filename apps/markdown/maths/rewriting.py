"""A formula, in TeX as people write it, as TeX that the converter knows."""

import re

from apps.markdown.maths.commands import COMMANDS
from apps.markdown.maths.environments import with_lines, write_environment
from apps.markdown.maths.styles import Looks
from apps.markdown.maths.text import STYLES, write_text
from apps.markdown.maths.tokens import Reader, TexError

_MOST_EXPANSIONS = 100
_MOST_EXPANDED = 20_000  # Characters: macros of macros grow without bound ("billion laughs").
_MACROS = frozenset((r"\newcommand", r"\renewcommand", r"\providecommand"))
_PARAMETER = re.compile(r"#([1-9])")


class _Macro:
    def __init__(self, body: str, count: int = 0, default: str | None = None) -> None:
        self._body, self._count, self._default = body, count, default

    def expand(self, reader: Reader) -> str:
        values = []
        if self._default is not None:
            values.append(reader.optional(self._default))
        while len(values) < self._count:
            values.append(reader.argument())
        return _PARAMETER.sub(
            lambda sign: values[int(sign[1]) - 1] if int(sign[1]) <= len(values) else "",
            self._body,
        )


class Formula:
    """One formula on its way to the converter."""

    def __init__(self, source: str) -> None:
        self.looks = Looks()
        self._macros: dict[str, _Macro] = {}
        self._expanded = self._expansions = 0
        self.tex = with_lines(self.rewrite(source))

    def rewrite(self, source: str) -> str:
        reader = Reader(source)
        parts = []
        while reader:
            parts.append(self._step(reader.next(), reader))
        return "".join(parts)

    def _step(self, part: str, reader: Reader) -> str:
        if part in self._macros:
            return self._expand(self._macros[part], reader)
        if part in STYLES:
            return write_text(STYLES[part], reader.argument(), self.rewrite)
        if part in COMMANDS:
            return COMMANDS[part](reader, self)
        if part == r"\begin":
            return write_environment(reader, self.rewrite)
        if part == r"\\" or part == r"\cr":
            reader.skip_row_space()
            return r"\\ "
        if part.isspace():
            return " "
        return self._define(part, reader)

    def _define(self, part: str, reader: Reader) -> str:
        if part in _MACROS:
            reader.takes("*")
            name = reader.argument().strip()
            count = reader.optional("0").strip()
            default = reader.optional() if reader.next_is("[") else None
            macro = _Macro(reader.argument(), int(count) if count.isdecimal() else 0, default)
        elif part in (r"\DeclareMathOperator", r"\DeclarePairedDelimiter"):
            star = "*" if reader.takes("*") else ""
            name, body = reader.argument().strip(), reader.argument()
            macro = _Macro(rf"\operatorname{star}{{{body}}}")
            if part == r"\DeclarePairedDelimiter":
                macro = _Macro(rf"\left{body} #1 \right{reader.argument()}", 1)
        elif part in (r"\def", r"\let"):
            name = reader.argument().strip()
            reader.takes("=")
            parameters = reader.until("{") if part == r"\def" else ""
            macro = _Macro(reader.argument(), parameters.count("#"))
        else:
            return part
        self._macros[name] = macro
        return " "

    def _expand(self, macro: _Macro, reader: Reader) -> str:
        source = macro.expand(reader)
        self._expansions += 1
        self._expanded += len(source)
        if self._expansions > _MOST_EXPANSIONS or self._expanded > _MOST_EXPANDED:
            raise TexError("macros without end")
        return self.rewrite(source)

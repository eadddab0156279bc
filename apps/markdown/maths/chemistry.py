"""Chemistry as mhchem writes it, `\\ce{2H2 + O2 -> 2H2O}`, as TeX (https://mhchem.github.io)."""

import re

from apps.markdown.maths.text import protect
from apps.markdown.maths.tokens import Reader

_ARROWS = {
    "<=>>": r"\xrightleftharpoons",
    "<<=>": r"\xrightleftharpoons",
    "<=>": r"\xrightleftharpoons",
    "<-->": r"\xleftrightarrow",
    "<->": r"\xleftrightarrow",
    "-->": r"\xrightarrow",
    "->": r"\xrightarrow",
    "<-": r"\xleftarrow",
    "⇌": r"\xrightleftharpoons",
    "→": r"\xrightarrow",
    "←": r"\xleftarrow",
    "⟶": r"\xrightarrow",
}
_ARROW = re.compile("|".join(map(re.escape, _ARROWS)))
_CHARGE = re.compile(r"(?:[+-]|−)(?=$|[\s,;)\]}^_]|-?>)")
_COEFFICIENT = re.compile(r"(\d+)/(\d+)|\d+(?:[.,]\d+)?|[a-z](?=[A-Z])")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile("[A-Za-z]+")
_STATE = re.compile(r"\((?:aq|s|l|g|cr|am|vit|ads|sol|conc|dil)\)")
_SCRIPT = re.compile(r"(\d*[+-]|\d+|[A-Za-z](?![a-z])|\\[A-Za-z]+|[*•'.])")
_GREEK = re.compile(r"\\[A-Za-z]+")
_BONDS = {"-": "{-}", "=": "{=}", "#": "{≡}", "~": r"\,"}
_FALLING = re.compile(r"(?<=\s)(\^|v)(?=$|\s)")


def chemistry(source: str) -> str:
    source = re.sub(r"\\bond\{([^{}]*)\}", r"\1", source)
    return "".join(_Writer(source.strip()).parts)


class _Writer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self.parts: list[str] = []
        self._begins = True  # A number that follows is a coefficient.
        while self._at < len(source):
            self._step()

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._source, self._at)
        if match:
            self._at = match.end()
        return match

    def _step(self) -> None:
        sign = self._source[self._at]
        if arrow := self._take(_ARROW):
            self._arrow(_ARROWS[arrow[0]])
        elif falling := self._take(_FALLING):
            self.parts.append({"v": r"\,\downarrow ", "^": r"\,\uparrow "}[falling[1]])
        elif state := self._take(_STATE):
            self.parts.append(rf"\,\text{{{protect(state[0])}}}")
        elif not self._begins and self._take(_CHARGE):
            self.parts.append(f"^{{{sign}}}")
        elif sign in "^_":
            self._at += 1
            self._script(sign)
        elif not self._begins and (digits := self._take(_DIGITS)):
            self.parts.append(f"_{{{digits[0]}}}")
        elif self._begins and (number := self._take(_COEFFICIENT)):
            self._number(number)
        else:
            self._sign(sign)

    def _number(self, number: re.Match[str]) -> None:
        value = rf"\tfrac{{{number[1]}}}{{{number[2]}}}" if number[2] else number[0]
        self.parts.append(rf"{value}\,")
        self._begins = False

    def _arrow(self, command: str) -> None:
        labels: list[str] = []
        while len(labels) < 2 and self._source[self._at : self._at + 1] == "[":
            labels.append(self._group("[", "]"))
        above, below = ([_label(label) for label in labels] + ["", ""])[:2]
        self.parts.append(rf"\;{command}" + (f"[{below}]" if below else "") + rf"{{{above}}}\;")
        self._begins = True

    def _script(self, sign: str) -> None:
        if self._source[self._at : self._at + 1] == "{":
            content = self._group("{", "}")
        elif match := self._take(_SCRIPT):
            content = match[0]
        else:
            return
        if self._begins and (not self.parts or self.parts[-1][:1] not in "^_"):
            self.parts.append("{}")
        self.parts.append(f"{sign}{{{_upright(content)}}}")

    def _group(self, opening: str, closing: str) -> str:
        reader = Reader(self._source[self._at :])
        rest_before = self._at
        content = reader.between(opening, closing) or ""
        self._at = rest_before + len(content) + 2
        return content

    def _sign(self, sign: str) -> None:
        if letters := self._take(_LETTERS):
            self.parts.append(rf"\mathrm{{{letters[0]}}}")
        elif command := self._take(_GREEK):
            self.parts.append(f"{command[0]} ")
        elif sign == "$" and "$" in self._source[self._at + 1 :]:
            end = self._source.index("$", self._at + 1)
            self.parts.append(f"{{{self._source[self._at + 1 : end]}}}")
            self._at = end + 1
        elif sign == "{":
            self.parts.append(f"{{{chemistry(self._group('{', '}'))}}}")
        else:
            self._at += 1
            self.parts.append(self._mark(sign))
            self._begins = sign in " +([.*·•,;" or (self._begins and sign in "-=#")
            return
        self._begins = False

    def _mark(self, sign: str) -> str:
        is_apart = self._source[self._at - 2 : self._at - 1].isspace()
        if sign in ".*·•":
            return r"{\cdot}"
        if sign.isspace():
            return " "
        if sign in _BONDS and not is_apart:
            return _BONDS[sign]
        return sign if sign in "+-=()[],;/|<>−" else rf"\text{{{protect(sign)}}}"


def _label(source: str) -> str:
    """Read what stands above an arrow: a formula of chemistry, or words."""
    if source.lstrip().startswith("\\") or "$" in source:
        return source.replace("$", "")
    if re.fullmatch(r"[^\\]*[a-z]{3,}[^\\]*", source):
        return rf"\text{{{protect(source)}}}"
    return chemistry(source)


def _upright(source: str) -> str:
    return re.sub(r"(?<!\\)(?<![A-Za-z])[A-Za-z]+", lambda word: rf"\mathrm{{{word[0]}}}", source)

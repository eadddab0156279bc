"""Commands of physics, siunitx and mhchem, by those that the converter knows."""

from collections.abc import Callable
from typing import Protocol

from apps.markdown.maths import quantities
from apps.markdown.maths.chemistry import chemistry
from apps.markdown.maths.styles import Looks
from apps.markdown.maths.tokens import Reader

_PAIRS = {
    r"\abs": ("|", "|"),
    r"\Abs": ("|", "|"),
    r"\norm": (r"\|", r"\|"),
    r"\Norm": (r"\|", r"\|"),
    r"\set": (r"\{\,", r"\,\}"),
    r"\Set": (r"\{\,", r"\,\}"),
    r"\ceil": (r"\lceil", r"\rceil"),
    r"\floor": (r"\lfloor", r"\rfloor"),
    r"\round": (r"\lfloor", r"\rceil"),
    r"\paren": ("(", ")"),
    r"\pqty": ("(", ")"),
    r"\bqty": ("[", "]"),
    r"\Bqty": (r"\{", r"\}"),
    r"\vqty": ("|", "|"),
    r"\expval": (r"\langle", r"\rangle"),
    r"\ev": (r"\langle", r"\rangle"),
    r"\mean": (r"\langle", r"\rangle"),
    r"\inner": (r"\langle", r"\rangle"),
    r"\innerproduct": (r"\langle", r"\rangle"),
    r"\comm": ("[", "]"),
    r"\commutator": ("[", "]"),
    r"\acomm": (r"\{", r"\}"),
    r"\anticommutator": (r"\{", r"\}"),
    r"\order": (r"\mathcal{O}(", ")"),
}
_OF_TWO = frozenset((r"\comm", r"\commutator", r"\acomm", r"\anticommutator", r"\inner"))


class Rewriter(Protocol):
    looks: Looks

    def rewrite(self, source: str) -> str: ...


Command = Callable[[Reader, Rewriter], str]


def _pair(name: str) -> Command:
    opening, closing = _PAIRS[name]
    left = opening if name == r"\order" else rf"\left{opening}"
    right = closing if name == r"\order" else rf"\right{closing}"
    if name in (r"\set", r"\Set"):
        left, right = r"\left\{\,", r"\,\right\}"

    def write(reader: Reader, rewriter: Rewriter) -> str:
        reader.takes("*")
        reader.optional()
        content = rewriter.rewrite(reader.argument())
        if name in _OF_TWO and reader.next_is("{"):
            content += f",{rewriter.rewrite(reader.argument())}"
        return f"{{{left} {content} {right}}}"

    return write


def _derivative(sign: str) -> Command:
    def write(reader: Reader, rewriter: Rewriter) -> str:
        reader.takes("*")
        power = reader.optional()
        parts = [rewriter.rewrite(part) for part in (reader.argument(), *reader.arguments())]
        raised = f"^{{{power}}}" if power else ""
        if len(parts) == 1:
            return rf"{{\frac{{{sign}{raised}}}{{{sign} {parts[0]}{raised}}}}}"
        if len(parts) > 2 and not power:
            raised = f"^{{{len(parts) - 1}}}"
            below = r"\,".join(f"{sign} {part}" for part in parts[1:])
        else:
            below = f"{sign} {parts[1]}" + (f"^{{{power}}}" if power else "")
        return rf"{{\frac{{{sign}{raised} {parts[0]}}}{{{below}}}}}"

    return write


def _differential(reader: Reader, rewriter: Rewriter) -> str:
    power = reader.optional()
    raised = f"^{{{power}}}" if power else ""
    content = rewriter.rewrite(reader.argument()) if reader.next_is("{") else ""
    return rf"{{\mathrm{{d}}{raised} {content}}}"


def _quantity(reader: Reader, rewriter: Rewriter) -> str:
    for opening, closing in ("()", "[]", "||"):
        content = reader.between(opening, closing)
        if content is not None:
            return rf"{{\left{opening} {rewriter.rewrite(content)} \right{closing}}}"
    value = reader.argument()
    if reader.next_is("{"):
        return f"{{{rewriter.rewrite(quantities.quantity(value, reader.argument()))}}}"
    return rf"{{\left\{{ {rewriter.rewrite(value)} \right\}}}}"


def _si(reader: Reader, rewriter: Rewriter) -> str:
    reader.optional()
    return f"{{{rewriter.rewrite(quantities.quantity(reader.argument(), reader.argument()))}}}"


def _of_units(write: Callable[[str], str]) -> Command:
    def command(reader: Reader, rewriter: Rewriter) -> str:
        reader.optional()
        return f"{{{rewriter.rewrite(write(reader.argument()))}}}"

    return command


def _angle(reader: Reader, rewriter: Rewriter) -> str:
    signs = (r"^{\circ}", "'", "''")
    parts = reader.argument().split(";")
    return "".join(f"{part.strip()}{sign}" for part, sign in zip(parts, signs, strict=False))


def _filled(template: str, count: int) -> Command:
    def write(reader: Reader, rewriter: Rewriter) -> str:
        reader.takes("*")
        reader.optional()
        return template.format(*(rewriter.rewrite(reader.argument()) for _ in range(count)))

    return write


def _range(reader: Reader, rewriter: Rewriter) -> str:
    reader.optional()
    first, last, units = (reader.argument() for _ in range(3))
    until = quantities.quantity(last, units)
    return f"{{{rewriter.rewrite(f'{quantities.quantity(first, units)}–{until}')}}}"


_FILLED = {
    r"\eval": (r"{{\left. {} \right|}}", 1),
    r"\mel": (r"{{\langle {}|{}|{}\rangle}}", 3),
    r"\matrixel": (r"{{\langle {}|{}|{}\rangle}}", 3),
    r"\ketbra": (r"{{|{}\rangle\langle {}|}}", 2),
    r"\op": (r"{{|{}\rangle\langle {}|}}", 2),
    r"\ip": (r"{{\langle {}|{}\rangle}}", 2),
    r"\vb": (r"{{\mathbf{{{}}}}}", 1),
    r"\vectorbold": (r"{{\mathbf{{{}}}}}", 1),
    r"\va": (r"{{\vec{{\mathbf{{{}}}}}}}", 1),
    r"\vu": (r"{{\hat{{\mathbf{{{}}}}}}}", 1),
    r"\qq": (r"\quad\text{{{}}}\quad ", 1),
    r"\pmqty": (r"{{\begin{{pmatrix}}{}\end{{pmatrix}}}}", 1),
    r"\bmqty": (r"{{\begin{{bmatrix}}{}\end{{bmatrix}}}}", 1),
    r"\mqty": (r"{{\begin{{matrix}}{}\end{{matrix}}}}", 1),
}

PHYSICS: dict[str, Command] = {
    **{name: _filled(*filled) for name, filled in _FILLED.items()},
    **dict.fromkeys((r"\SIrange", r"\qtyrange"), _range),
    **{name: _pair(name) for name in _PAIRS},
    **dict.fromkeys((r"\dv", r"\derivative"), _derivative(r"\mathrm{d}")),
    **dict.fromkeys((r"\pdv", r"\partialderivative"), _derivative(r"\partial")),
    **dict.fromkeys((r"\fdv", r"\functionalderivative"), _derivative(r"\delta")),
    **dict.fromkeys((r"\dd", r"\differential"), _differential),
    r"\qty": _quantity,
    r"\quantity": _quantity,
    r"\SI": _si,
    **dict.fromkeys((r"\unit", r"\si"), _of_units(quantities.unit)),
    r"\num": _of_units(quantities.number),
    r"\pu": _of_units(quantities.physical),
    **dict.fromkeys((r"\ce", r"\cf"), _of_units(chemistry)),
    r"\ang": _angle,
}

"""Numbers and units of siunitx and mhchem as TeX: `\\SI{3}{m/s}`, `\\pu{5 kJ mol-1}`."""

import re

from apps.markdown.maths.text import protect

_PREFIXES = (
    "yocto y zepto z atto a femto f pico p nano n micro µ milli m centi c deci d deca da deka da"
    " hecto h kilo k mega M giga G tera T peta P exa E zetta Z yotta Y kibi Ki mebi Mi gibi Gi"
)
_UNITS = (
    "metre m meter m gram g second s ampere A kelvin K mole mol candela cd hertz Hz newton N"
    " pascal Pa joule J watt W coulomb C volt V farad F ohm Ω siemens S weber Wb tesla T henry H"
    " lumen lm lux lx becquerel Bq gray Gy sievert Sv katal kat radian rad steradian sr celsius °C"
    " degreeCelsius °C degree ° arcminute ′ arcsecond ″ percent % minute min hour h day d litre L"
    " liter L tonne t electronvolt eV dalton Da bar bar angstrom Å bel B decibel dB neper Np"
    " hectare ha atomicmassunit u astronomicalunit au parsec pc bit bit byte B"
    " kilogram kg kg kg km km cm cm mm mm nm nm um µm ms ms mg mg eV eV kJ kJ kW kW mL mL"
    " kHz kHz MHz MHz GHz GHz kPa kPa kmh km/h"
)
_POWERS = {
    "square": "2",
    "cubic": "3",
    "squared": "2",
    "cubed": "3",
}
_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+)|\^\{?(?P<power>[-+−]?\d+)\}?|(?P<slash>/)|\{(?P<group>[^{}]*)\}"
    r"|(?P<unit>[A-Za-zµμΩÅ°%′″€$]+)(?P<exponent>[-−]?\d+)?|(?P<number>\d+)|(?P<dot>[.·*~\s]|\\[,.;])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_NUMBER = re.compile(r"\s*([-+−±]?)\s*([\d., ]*\d[\d.,]*|)\s*(?:[eEdD]\s*([-+−]?\d+))?\s*")


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_PREFIX_SIGNS, _UNIT_SIGNS = _pairs(_PREFIXES), _pairs(_UNITS)


def number(source: str) -> str:
    """Return TeX for a number: `1e5`, `12345.6`, `1.2 \\pm 0.1`."""
    match = _NUMBER.fullmatch(source)
    if not match:
        return source.replace("+-", r"\pm ").replace("e", r"\times 10^", 1)
    sign, digits, exponent = match.groups()
    parts = [sign.replace("±", r"\pm "), digits.replace(",", "{,}")]
    if exponent:
        parts.append((r"\times " if digits else "") + f"10^{{{exponent}}}")
    return "".join(parts)


def unit(source: str) -> str:
    """Return TeX for a unit: by signs (`kg.m/s^2`) or by names (`\\kilo\\gram\\per\\second`)."""
    writer = _UnitWriter()
    for match in _TOKEN.finditer(source.strip()):
        writer.take(match)
    return writer.tex()


def quantity(value: str, units: str) -> str:
    gap = "" if units.strip() in (r"\degree", "°") else r"\,"
    return f"{number(value)}{gap}{unit(units)}"


def physical(source: str) -> str:
    """Return TeX for mhchem's `\\pu`: a number, and a unit after a blank."""
    match = re.match(
        r"[-+−]?[\d.,]+(?:\s*(?:[eE]|\*10\^|x10\^)\s*\{?[-+−]?\d+\}?)?", source.strip()
    )
    if not match:
        return unit(source)
    value = re.sub(r"\s*(?:\*10\^|x10\^)\{?|\}", "e", match[0]).rstrip("e")
    rest = source.strip()[match.end() :].strip()
    return quantity(value, rest) if rest else number(value)


class _UnitWriter:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._prefix = self._power = self._next_power = ""
        self._is_below = False  # After `\per` or a slash.

    def tex(self) -> str:
        return "".join(self._parts)

    def take(self, match: re.Match[str]) -> None:
        if command := match["command"]:
            self._command(command)
        elif match["power"]:
            self._raise(match["power"])
        elif match["number"] and self._parts:
            self._raise(match["number"])
        elif match["slash"]:
            self._parts.append("/")
        elif match["unit"] or match["group"]:
            self._unit(match["unit"] or match["group"])
            if match["exponent"]:
                self._raise(match["exponent"])
        elif match["other"]:
            self._parts.append(rf"\text{{{protect(match['other'])}}}")

    def _command(self, name: str) -> None:
        if name == "per":
            self._is_below = True
        elif name in ("square", "cubic"):
            self._next_power = _POWERS[name]
        elif name in ("squared", "cubed"):
            self._raise(_POWERS[name])
        elif name in _PREFIX_SIGNS:
            self._prefix += _PREFIX_SIGNS[name]
        elif name in ("cdot", "times"):
            self._parts.append(r"{\cdot}")
        elif name in _UNIT_SIGNS:
            self._unit(_UNIT_SIGNS[name])
        elif name not in ("tothe", "raiseto", "of", "text", "mathrm", "rm"):
            self._unit({"mu": "µ", "Omega": "Ω", "AA": "Å", "circ": "°"}.get(name, name))

    def _unit(self, sign: str) -> None:
        if self._parts and self._parts[-1] not in ("/", r"{\cdot}"):
            self._parts.append(r"\,")
        self._parts.append(rf"\text{{{protect(self._prefix + sign)}}}")
        self._prefix = ""
        power, self._next_power = self._next_power, ""
        if power or self._is_below:
            self._parts.append(f"^{{{'-' * self._is_below}{power or 1}}}")
        self._is_below = False

    def _raise(self, power: str) -> None:
        is_below = bool(self._parts) and self._parts[-1] == "^{-1}"
        if is_below:
            self._parts.pop()
        self._parts.append(f"^{{{'-' * is_below}{power}}}")

"""Looks that TeX gives to a part of a formula, and MathML Core has no element for."""

import re
from dataclasses import dataclass, field

_NAMES = (
    "red ff0000 green 00aa00 blue 0000ff cyan 00a0c0 magenta ff00ff yellow b09000 orange ff8000"
    " purple bf0080 violet 800080 brown bf8040 pink ff8080 teal 008080 olive 808000 lime 80c000"
    " gray 808080 grey 808080 lightgray 999999 darkgray 777777 navy 4040ff maroon c03030"
    " crimson dc143c indigo 6a3fd0 gold b08800 salmon fa8072 turquoise 20a0a0 coral ff7f50"
    " forestgreen 228b22 royalblue 4169e1 skyblue 4090c0 tomato ff6347 darkgreen 008000"
    " darkblue 4040c0 darkred b00000 dodgerblue 1e90ff steelblue 4682b4 seagreen 2e8b57"
    " limegreen 32a032 orangered ff4500 blueviolet 8a2be2 plum a060a0 aqua 00a0c0 fuchsia ff00ff"
    " cornflowerblue 6495ed cerulean 0090c0 emerald 00a060 mahogany b03020 midnightblue 4050b0"
    " rubinered d0005a wildstrawberry e02060 bittersweet c04020 burntorange d06010"
)
_WORDS = _NAMES.split()
_COLOURS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_DARK, _LIGHT = 0.18, 0.24  # Luminances: between them a colour can be read on both themes.


@dataclass(frozen=True)
class Look:
    """The element that is written for a part."""

    tag: str = "mrow"
    classes: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Looks:
    """The looks of one formula.

    The converter carries one thing through to its output: a colour. So colours are their numbers.
    """

    known: list[Look] = field(default_factory=list)

    def dress(self, source: str, look: Look) -> str:
        """Return TeX for the part with this look."""
        self.known.append(look)
        return rf"{{\color[HTML]{{{len(self.known):06X}}} {source}}}"

    def find(self, colour: str) -> Look:
        return self.known[int(colour, 16) - 1]


def colour_look(name: str, model: str = "") -> Look:
    """Return the look of a colour as xcolor names it; one that is unknown changes nothing."""
    rgb = _read(name.strip(), model.strip())
    if rgb is None or max(rgb) - min(rgb) < 0.08:  # Black and white are the theme's own.
        return Look()
    red, green, blue = (round(part * 255) for part in _readable(rgb))
    return Look(attributes={"mathcolor": f"#{red:02x}{green:02x}{blue:02x}"})


def _read(name: str, model: str) -> tuple[float, ...] | None:
    code = name.removeprefix("#")
    code = _COLOURS.get(code.split("!")[0].lower(), code)
    if re.fullmatch(r"[0-9A-Fa-f]{3}", code):
        code = "".join(digit * 2 for digit in code)
    if re.fullmatch(r"[0-9A-Fa-f]{6}", code):
        return tuple(int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    parts = re.findall(r"\d*\.\d+|\d+", name)
    if len(parts) != 3 or model not in ("rgb", "RGB", ""):
        return None
    most = 1 if model == "rgb" else 255
    return tuple(min(1.0, float(part) / most) for part in parts)


def _readable(rgb: tuple[float, ...]) -> tuple[float, ...]:
    for _ in range(40):
        luminance = sum(
            share * part**2.2 for share, part in zip((0.2126, 0.7152, 0.0722), rgb, strict=True)
        )
        if luminance < _DARK:
            rgb = tuple(part + (1 - part) * 0.08 for part in rgb)
        elif luminance > _LIGHT:
            rgb = tuple(part * 0.94 for part in rgb)
    return rgb

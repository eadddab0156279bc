"""Landscapes: PNG pictures whose hills, sky and colours come from a seed."""

from __future__ import annotations

import colorsys
import math
import random
import struct
import zlib
from collections.abc import Iterable, Iterator

SKY, SHADES, SUN, CLOUD = 96, 32, 192, 200  # Where each kind starts, or ends, in the palette.
Colour = tuple[int, int, int]


def png(width: int, rows: Iterable[bytes], palette: list[Colour]) -> bytes:
    """Return a palette PNG of the given rows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    lines = [b"\0" + row for row in rows]
    header = struct.pack(">IIBBBBB", width, len(lines), 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    image = zlib.compress(b"".join(lines), 6)
    parts = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", image), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def blend(first: Colour, last: Colour, count: int) -> list[Colour]:
    """Return `count` colours from one to the other."""
    steps = [i / max(1, count - 1) for i in range(count)]
    red, green, blue = zip(first, last, strict=True)
    mixed = [tuple(int(a + (b - a) * t) for a, b in (red, green, blue)) for t in steps]
    return [(r, g, b) for r, g, b in mixed]


def colour(hue: float, lightness: float, strength: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, strength)
    return int(red * 255), int(green * 255), int(blue * 255)


def landscape_palette(dice: random.Random) -> list[Colour]:
    """Return the colours of the sky, three hills, the sun with its glow, and the clouds."""
    hue = dice.uniform(0.48, 0.68)
    low = colour(dice.uniform(0.03, 0.14), 0.86, 0.8)
    green = dice.uniform(0.2, 0.42)
    palette = blend(colour(hue, 0.58, 0.6), low, SKY)
    for lightness in (0.62, 0.5, 0.36):
        start, end = colour(green, lightness + 0.08, 0.32), colour(green, lightness - 0.08, 0.42)
        palette += blend(start, end, SHADES)
    palette += blend(low, (255, 250, 225), CLOUD - SUN)
    return palette + blend((250, 246, 240), (255, 255, 255), 2)


def landscape(seed: str, width: int, height: int) -> bytes:
    """Return a PNG of hills under a sky, its colours and shapes taken from the seed."""
    dice = random.Random(seed)
    palette = landscape_palette(dice)
    return png(width, landscape_rows(dice, width, height), palette)


def landscape_rows(dice: random.Random, width: int, height: int) -> Iterator[bytes]:
    """Yield the rows: one row of layers (sky, hills) is kept, and translated to colours."""
    tops = hill_tops(dice, width, height)
    ellipses = sun_with_clouds(dice, width, height)
    layers = bytearray(width)
    for y in range(height):
        for x, hill in tops.get(y, ()):
            layers[x] = max(layers[x], hill)
        depth = min(SHADES - 1, max(0, (y * 2 - height) * SHADES // height))
        shades = [SKY + i * SHADES + depth for i in range(3)]
        sky = min(SKY - 1, y * SKY * 10 // (height * 7))
        row = layers.translate(bytes([sky, *shades]).ljust(256, b"\0"))
        for middle_x, middle_y, radius_x, radius_y, table in ellipses:
            if abs(y - middle_y) < radius_y:
                half = int(radius_x * math.sqrt(1 - ((y - middle_y) / radius_y) ** 2))
                start, end = max(0, middle_x - half), max(0, middle_x + half)
                row[start:end] = row[start:end].translate(table)
        yield bytes(row)


def hill_tops(dice: random.Random, width: int, height: int) -> dict[int, list[tuple[int, int]]]:
    """Return, for each y, the columns (x, hill) in which a hill begins there."""
    tops: dict[int, list[tuple[int, int]]] = {}
    for hill, level in ((1, 0.55), (2, 0.67), (3, 0.8)):
        waves = [(dice.uniform(0.5, 1.2) * i, dice.uniform(0, 6.3), 0.05 / i) for i in range(1, 4)]
        for x in range(width):
            turn = 6.3 * x / width
            rise = sum(size * math.sin(turn * speed + start) for speed, start, size in waves)
            tops.setdefault(int(height * (level - rise)), []).append((x, hill))
    return tops


def sun_with_clouds(
    dice: random.Random, width: int, height: int
) -> list[tuple[int, int, float, float, bytes]]:
    """Return ellipses (x, y, radii, table that paints everything but hills)."""
    x, y = int(width * dice.uniform(0.15, 0.85)), int(height * dice.uniform(0.2, 0.42))
    size = min(width, height) * dice.uniform(0.06, 0.09)
    shapes = [(x, y, size * (1 + i / 18), size * (1 + i / 18), CLOUD - 1 - i) for i in (7, 5, 3, 0)]
    for _ in range(3):
        x, y = int(width * dice.random()), int(height * dice.uniform(0.08, 0.35))
        for _ in range(4):
            x += int(width * dice.uniform(0.02, 0.05))
            wide = width * dice.uniform(0.035, 0.075)
            lift = int(height * dice.uniform(-0.01, 0.01))
            shapes.append((x, y + lift, wide, wide * 0.3, CLOUD + 1))
    hills = range(SKY, SUN)
    tables = [bytes(i if i in hills else shape[4] for i in range(256)) for shape in shapes]
    return [(*shape[:4], table) for shape, table in zip(shapes, tables, strict=True)]

"""Kinds of settings: which texts each accepts from the environment, and what it makes of them."""

import importlib.util
import re
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, Json

BASE_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Allowed:
    """What a kind accepts, in words; they end the line that refuses another value."""

    text: str


def split(text: str) -> list[str]:
    """Return the parts between commas."""
    return [part for each in text.split(",") if (part := each.strip())]


def _folder(text: str) -> str:
    """Make it absolute: what a relative one means may not depend on who starts from where."""
    if not text:
        raise ValueError("is empty")
    path = BASE_DIR / text
    if path.exists() and not path.is_dir():
        raise ValueError("is a file")
    return str(path)


def _time_zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise ValueError("is not known") from error
    return text


def _sender(text: str) -> str:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError as error:
        raise ValueError("holds no e-mail address") from error
    if re.search(r"[\r\n]", text):
        raise ValueError("has more than one line")
    return text


def _storage_class(text: str) -> str:
    """Look whether its module is installed; importing it would need the settings."""
    module, _, name = text.rpartition(".")
    try:
        is_there = bool(name) and importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        is_there = False
    if not is_there:
        raise ValueError("is in no installed package")
    return text


def _rows(text: str) -> list[tuple[str, str]]:
    """Split one-model=value,another=value; a name may have an equals sign in it."""
    found = []
    for row in split(text):
        name, equals, value = row.rpartition("=")
        if not (equals and name.strip() and value.strip()):
            raise ValueError(f"has no model=… in {row!r}")
        found.append((name.strip(), value.strip()))
    return found


def _model_tokens(text: str) -> dict[str, int]:
    found = {}
    for name, value in _rows(text):
        if not re.fullmatch(r"[0-9]+", value) or not int(value):
            raise ValueError(f"has no number of tokens for {name!r}")
        found[name] = int(value)
    return found


def _prices(text: str, count: int) -> list[str]:
    """Return the rows, each of which has so many prices; apps/chat/usage/pricing.py reads them."""
    for name, value in _rows(text):
        prices = value.split("/")
        if len(prices) != count or not all(map(_is_price, prices)):
            raise ValueError(f"has no price of this form for {name!r}")
    return split(text)


def _is_price(text: str) -> bool:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        return False
    return price.is_finite() and price >= 0


KEY_CHARS = 50
SecretKey = Annotated[str, Allowed(f"at least {KEY_CHARS} random characters")]
Names = Annotated[list[str], BeforeValidator(split), Allowed("names, separated by commas")]
Folder = Annotated[str, AfterValidator(_folder), Allowed("the path of a folder")]
TimeZone = Annotated[str, AfterValidator(_time_zone), Allowed("a name as Europe/Berlin or UTC")]
Sender = Annotated[
    str, AfterValidator(_sender), Allowed("an address, as Parlor <parlor@chat.example>")
]
StorageClass = Annotated[
    str,
    AfterValidator(_storage_class),
    Allowed("a class of an installed package, as a.module.Name"),
]
Options = Annotated[Json[dict[str, Any]], Allowed("a JSON object")]
ModelTokens = Annotated[
    dict[str, int],
    BeforeValidator(_model_tokens),
    Allowed("one-model=128000,another=8192"),
]
TokenPrices = Annotated[
    list[str],
    BeforeValidator(lambda text: _prices(text, 2)),
    Allowed("one-model=2.50/10.00,another=0.15/0.60"),
]
PicturePrices = Annotated[
    list[str],
    BeforeValidator(lambda text: _prices(text, 1)),
    Allowed("one-model=0.04,another=0.08"),
]

"""Kinds of settings: which texts each accepts from the environment, and what it makes of them."""

import importlib.util
import ipaddress
import re
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, Json

BASE_DIR = Path(__file__).resolve().parent.parent

HOST_NAME = (
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*"
)
TAKEN_PATHS = (
    "announcements",
    "chat",
    "gallery",
    "healthz",
    "metrics",
    "readyz",
    "static",
    "users",
)


@dataclass(frozen=True)
class Allowed:
    """What a kind accepts, in words; they end the line that refuses another value."""

    text: str


def _split(text: str) -> list[str]:
    return [part for each in text.split(",") if (part := each.strip())]


def _url(text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Raise ValueError for what is no URL with a host and one of the schemes."""
    if re.search(r"\s", text):
        raise ValueError("contains a space")
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        raise ValueError("has a host or a port that cannot be read") from error
    if url.scheme not in schemes:
        raise ValueError("begins with none of the allowed schemes")
    if not url.hostname:
        raise ValueError("names no host")
    return url


def _web_url(text: str) -> str:
    """Return the address as it is; its user and password may be in it, a query may not."""
    if text and (url := _url(text, ("http", "https"))) and (url.query or url.fragment):
        raise ValueError("has a query, which would be lost")
    return text


def _origins(origins: list[str]) -> list[str]:
    for origin in origins:
        url = _url(origin, ("http", "https"))
        if url.path or url.query or url.fragment or "@" in url.netloc:
            raise ValueError(f"has more than scheme and host in {origin!r}")
    return origins


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _hosts(hosts: list[str]) -> list[str]:
    for host in hosts:
        is_ipv6 = host[:1] == "[" and host[-1:] == "]" and _is_address(host[1:-1])
        if not (is_ipv6 or host == "*" or re.fullmatch(rf"\.?{HOST_NAME}", host)):
            raise ValueError(f"has no host name in {host!r}")
    if not hosts:
        raise ValueError("is empty: no page could be reached")
    return hosts


def _networks(texts: list[str]) -> list[str]:
    for text in texts:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise ValueError(f"has no address or network in {text!r}") from error
    return texts


def _listen_address(text: str) -> str:
    if not (_is_address(text) or re.fullmatch(HOST_NAME, text)):
        raise ValueError("is neither an address nor a name")
    return text


def _admin_path(text: str) -> str:
    if not re.fullmatch(r"([\w-]+/)+", text):
        raise ValueError("is no path below the site")
    if text.split("/")[0] in TAKEN_PATHS:
        raise ValueError("is where other pages are")
    return text


def _proxy_path(text: str) -> str:
    if text and not re.fullmatch(r"/([\w.-]+/)+", text):
        raise ValueError("is no path")
    return text


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
    for row in _split(text):
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
    """Return the rows, each of which has so many prices; apps/chat/prices.py reads them."""
    for name, value in _rows(text):
        prices = value.split("/")
        if len(prices) != count or not all(map(_is_price, prices)):
            raise ValueError(f"has no price of this form for {name!r}")
    return _split(text)


def _is_price(text: str) -> bool:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        return False
    return price.is_finite() and price >= 0


KEY_CHARS = 50
SecretKey = Annotated[str, Allowed(f"at least {KEY_CHARS} random characters")]
Names = Annotated[list[str], BeforeValidator(_split), Allowed("names, separated by commas")]
Hosts = Annotated[
    list[str],
    BeforeValidator(_split),
    AfterValidator(_hosts),
    Allowed("host names without scheme and port, as chat.example, separated by commas"),
]
Origins = Annotated[
    list[str],
    BeforeValidator(_split),
    AfterValidator(_origins),
    Allowed("origins as https://chat.example, separated by commas"),
]
Networks = Annotated[
    list[str],
    BeforeValidator(_split),
    AfterValidator(_networks),
    Allowed("addresses and networks, as 127.0.0.1,10.0.0.0/8"),
]
WebUrl = Annotated[
    str, AfterValidator(_web_url), Allowed("http:// or https://, a host, and a path if needed")
]
ListenAddress = Annotated[
    str, AfterValidator(_listen_address), Allowed("an address or a name, without a port")
]
AdminPath = Annotated[
    str,
    AfterValidator(_admin_path),
    Allowed(f"a path as admin/, with a slash at its end alone, and not {', '.join(TAKEN_PATHS)}"),
]
ProxyPath = Annotated[
    str, AfterValidator(_proxy_path), Allowed("a path as /files/, with a slash at both ends")
]
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

"""Kinds of settings that are an address: of a host, of a site, of a path below it."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator

from site_config.setting_types.kinds import Allowed, split

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


def _host_names(hosts: list[str]) -> list[str]:
    for host in hosts:
        if not re.fullmatch(HOST_NAME, host):
            raise ValueError(f"has no host name in {host!r}")
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


def _site_path(text: str) -> str:
    if text and not re.fullmatch(r"(/[\w-]+)+", text):
        raise ValueError("is no path")
    return text


def _proxy_path(text: str) -> str:
    if text and not re.fullmatch(r"/([\w.-]+/)+", text):
        raise ValueError("is no path")
    return text


Hosts = Annotated[
    list[str],
    BeforeValidator(split),
    AfterValidator(_hosts),
    Allowed("host names without scheme and port, as chat.example, separated by commas"),
]
Origins = Annotated[
    list[str],
    BeforeValidator(split),
    AfterValidator(_origins),
    Allowed("origins as https://chat.example, separated by commas"),
]
HostNames = Annotated[
    list[str],
    BeforeValidator(split),
    AfterValidator(_host_names),
    Allowed("host names without scheme, port and path, separated by commas"),
]
Networks = Annotated[
    list[str],
    BeforeValidator(split),
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
SitePath = Annotated[
    str, AfterValidator(_site_path), Allowed("a path as /parlor, without a slash at its end")
]
ProxyPath = Annotated[
    str, AfterValidator(_proxy_path), Allowed("a path as /files/, with a slash at both ends")
]

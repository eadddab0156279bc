"""Who sends a request: the person of its session, or else the address that it comes from.

Asked before the body is read and a thread is taken. It decides whose turn a request is and how much
is read of it, never what may be seen: Django's middleware looks at the session anew each time.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connections
from django.http import HttpRequest, parse_cookie

from apps.server import proxies
from apps.server.last_person import last_person
from apps.server.request_threads import doors

MEMORY_SECONDS = 60.0
PROBES = ("/healthz/", "/readyz/", "/metrics/")  # They come past the proxies.
MOST_SESSIONS = 10_000
NETWORK_BITS = 64  # Of an IPv6 address: the smallest network that one subscriber is given.

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    owner: str  # Whose turn it is: "person 7", or "address 192.0.2.1".
    is_person: bool = False
    was_person: bool = False  # The browser belongs to somebody whose session is over.


_persons: OrderedDict[str, tuple[float, Any]] = OrderedDict()  # By session: until when, and whose.


def address_of(scope: Scope) -> str:
    """Return whose address this is, as far as TRUSTED_PROXIES goes; of IPv6 the network."""
    client = scope.get("client") or ("unknown",)
    address = str(client[0])
    if count := settings.TRUSTED_PROXIES:
        headers = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = b",".join(headers).decode("latin-1").split(",")
        if len(hops) >= count and (hop := hops[-count].strip()):
            address = hop
        elif not scope["path"].endswith(PROBES):
            proxies.tell(count, len([hop for hop in hops if hop.strip()]))
    return network_of(address)


def network_of(address: str) -> str:
    """Return the address, or of IPv6 the network that one subscriber is given."""
    if ":" not in address:  # The most are of IPv4, or a socket's.
        return address
    try:
        network = ipaddress.ip_network((address.split("%")[0], NETWORK_BITS), strict=False)
    except ValueError:
        return address
    mapped = ipaddress.IPv6Address(address.split("%")[0]).ipv4_mapped
    return str(mapped or network)


async def find(scope: Scope, address: str) -> Sender:
    """Return who sends the request from there; a session not seen of late is looked up."""
    cookies = _cookies(scope)
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if key:
        until, person = _persons.get(key, (0.0, None))
        if time.monotonic() > until:
            person = await doors.run(_look_up, key)
        if person is not None:
            return Sender(f"person {person}", is_person=True)
    was_person = bool(cookies) and bool(last_person(cookies))
    return Sender(f"address {address}", was_person=was_person)


def _cookies(scope: Scope) -> Mapping[str, str]:
    headers = [value for name, value in scope["headers"] if name == b"cookie"]
    return parse_cookie(b"; ".join(headers).decode("latin-1")) if headers else {}


def _look_up(key: str) -> Any:
    """Return the id of the session's person, or None, and remember it for a minute."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    try:
        person = get_user(request).pk
    except DatabaseError:
        return None  # The view will say so.
    finally:
        connections.close_all()
    _persons[key] = time.monotonic() + MEMORY_SECONDS, person
    _persons.move_to_end(key)
    while len(_persons) > MOST_SESSIONS:
        _persons.popitem(last=False)
    return person

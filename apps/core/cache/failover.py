"""The cache of several processes."""

from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from apps.core.cache import redis_client


def _either(name: str) -> Callable[..., Any]:
    """Return the method of that name which asks Redis or, while it is away, the rows."""
    ask = getattr(RedisCache, name)

    def method(self: "FailoverCache", *args: Any, **kwargs: Any) -> Any:
        try:
            with redis_client.attempt():
                return ask(self, *args, **kwargs)
        except redis_client.Away:
            return getattr(caches["rows"], name)(*args, **kwargs)

    return method


class FailoverCache(RedisCache):
    """Redis; while it is away a table, which is slower, and holds for all processes like it.

    So people can log in, and nobody may try more passwords than ever or use a code twice.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": redis_client.options()})

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    has_key = _either("has_key")
    incr = _either("incr")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    clear = _either("clear")

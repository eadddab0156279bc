"""What calls cost, by the price tables in the settings."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.formats import number_format

T = TypeVar("T")

MILLION = 1_000_000


def cost_of_tokens(model: str, prompt: int, completion: int) -> Decimal | None:
    """Return the cost of a call with so many tokens; None if the model has no price."""
    prices = _find(_token_prices(tuple(settings.CHAT_PRICES)), model)
    if prices is None:
        return None
    return (prices[0] * prompt + prices[1] * completion) / MILLION


def cost_of_picture(model: str) -> Decimal | None:
    """Return the cost of one picture; None if the model has no price."""
    return _find(_picture_prices(tuple(settings.IMAGE_PRICES)), model)


def money(amount: Decimal) -> str:
    """Return the amount in words: two decimals, four where it is less than one."""
    places = 2 if amount >= 1 or not amount else 4
    least = Decimal(1).scaleb(-places)
    if 0 < amount < least:
        return f"<{settings.CURRENCY}{number_format(least, places)}"
    rounded = round(amount, places)  # number_format() would cut.
    return f"{settings.CURRENCY}{number_format(rounded, places, force_grouping=True)}"


def _find(table: dict[str, T], model: str) -> T | None:
    """Return the model's own price, or that of the first pattern, as `*`, that it fits."""
    if model in table:
        return table[model]
    fitting = (price for name, price in table.items() if fnmatchcase(model, name))
    return next(fitting, None)


@lru_cache(maxsize=4)
def _token_prices(rows: tuple[str, ...]) -> dict[str, tuple[Decimal, Decimal]]:
    return _table("CHAT_PRICES", rows, _pair)


@lru_cache(maxsize=4)
def _picture_prices(rows: tuple[str, ...]) -> dict[str, Decimal]:
    return _table("IMAGE_PRICES", rows, _price)


def _table(setting: str, rows: tuple[str, ...], read: Callable[[str], T]) -> dict[str, T]:
    table = {}
    for row in rows:
        model, _, price = row.rpartition("=")
        try:
            table[model.strip()] = read(price)
        except (ValueError, InvalidOperation) as error:
            raise ImproperlyConfigured(f"{setting}: {row!r} names no price") from error
    return table


def _pair(text: str) -> tuple[Decimal, Decimal]:
    prompt, completion = text.split("/")
    return _price(prompt), _price(completion)


def _price(text: str) -> Decimal:
    price = Decimal(text.strip())
    if not (price.is_finite() and price >= 0):
        raise ValueError(text)
    return price


def check_prices(**kwargs: object) -> list[checks.CheckMessage]:
    """Say at the start what is wrong with the price tables, not when the first reply ends."""
    try:
        cost_of_tokens("", 0, 0)
        cost_of_picture("")
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="chat.E001")]
    return []

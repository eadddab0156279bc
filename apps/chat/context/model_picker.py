"""What pickers show of the models on offer: all of a few; of many those in use, and a search."""

import re
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext

from apps.catalog import listing
from apps.chat.context import model_selection
from apps.users.models import User

MOST_SHOWN = 20  # Of all models; with more, a list is no way to find one.
SHOWN_OF_MANY = 12
SHOWN_IN_MENU = 8
PAGE_SIZE = 25
RECENT = 50  # Conversations in which the models in use are looked for.


@dataclass(frozen=True, slots=True)
class Picker:
    """The models that can be chosen at once, and how many there are altogether."""

    names: list[str]
    total: int
    ended: str = ""  # The chosen one, if it is switched off.

    @property
    def is_whole(self) -> bool:
        return self.total <= len(self.names)

    @property
    def menu(self) -> list[str]:
        """Return what a menu shows beside the list."""
        return self.names[:SHOWN_IN_MENU]

    @property
    def is_whole_in_menu(self) -> bool:
        return self.is_whole and self.total <= SHOWN_IN_MENU


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    query: str
    names: list[str]
    total: int
    number: int  # Of the page.

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number * PAGE_SIZE < self.total else None

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def picker(user: User, chosen: str = "") -> Picker:
    """Return what a picker shows in which this model is chosen."""
    names = model_selection.offered()
    all_names = list(dict.fromkeys([*names, chosen] if chosen else names))
    ended = chosen if chosen and model_selection.has_ended(chosen) else ""
    if len(all_names) <= MOST_SHOWN:
        shown = all_names if settings.CHAT_MODELS else sorted(all_names, key=str.casefold)
        return Picker(shown, len(all_names), ended)
    first = filter(None, [chosen, *_in_use(user, names), *_general(names)])
    return Picker(list(islice(dict.fromkeys(first), SHOWN_OF_MANY)), len(all_names), ended)


def usual_label(user: User) -> str:
    """Return what stands for the model that answers where none is chosen."""
    usual = model_selection.usual(user)
    return (
        gettext("The usual one: {model}").format(model=usual) if usual else gettext("The usual one")
    )


def find(user: User, query: str, number: int = 1) -> Found:
    """Return a page of the models on offer whose names hold all words, those in use first."""
    names = model_selection.offered()
    whole, words = _squashed(query), [_squashed(word) for word in query.split()]
    fitting = [name for name in names if all(word in _squashed(name) for word in words)]
    places = {name: place for place, name in enumerate(_in_use(user, names))}

    def place(name: str) -> tuple[bool, int, bool, str]:
        squashed = _squashed(name)
        is_other, begins = squashed != whole, squashed.startswith(whole)
        return is_other, places.get(name, len(places)), not begins, name.casefold()

    fitting.sort(key=place)
    number = min(max(1, number), -(-len(fitting) // PAGE_SIZE) or 1)
    begin = (number - 1) * PAGE_SIZE
    return Found(query, fitting[begin : begin + PAGE_SIZE], len(fitting), number)


def _in_use(user: User, names: list[str]) -> list[str]:
    """Return those of the names that the person uses, the usual one and then the last used first.

    Where they name all, the settings have said what comes first.
    """
    rows = user.conversations.exclude(model="").order_by("-updated_at")
    recent = rows.values_list("model", flat=True)[:RECENT]
    used = dict.fromkeys([model_selection.usual(user), *recent])
    on_offer = frozenset(names)
    return [name for name in used if name in on_offer]


def _general(names: list[str]) -> list[str]:
    """Return the names with the most general, newest first, as far as that is known."""
    return names if settings.CHAT_MODELS else [*names[:1], *listing.current().newest_first]


def _squashed(text: str) -> str:
    """Return what of a name people remember: no case, no hyphens, no dots."""
    return re.sub(r"[\W_]+", "", text.casefold())

"""The models of a service at a glance: which can chat, which make pictures, which is general."""

import time
from dataclasses import dataclass
from functools import cached_property

from apps.catalog import model_kinds
from apps.gateway.client import ListedModel


@dataclass(frozen=True)
class Catalog:
    """What is known of a service's models; it need not be true any more."""

    models: tuple[ListedModel, ...] = ()
    is_known: bool = False  # Else the service has never been asked with success.
    unfit_to_chat: frozenset[str] = frozenset()
    unfit_for_pictures: frozenset[str] = frozenset()

    def sort(self) -> None:
        """Sort the names now, which takes a while for thousands, and not on somebody's page."""
        _ = self._chat, self._by_rank, self._painters

    def has_ended(self, name: str) -> bool:
        """Return whether the service has said that the model is switched off by now."""
        return self.ends.get(name, time.time() + 1) <= time.time()

    def may_chat(self, name: str) -> bool:
        """Return whether the model may be asked, though it may have proved unfit a while ago."""
        return name in self._chat and not self.has_ended(name)

    @property
    def chat(self) -> list[str]:
        """The models on offer for chatting, in the service's order."""
        return self._on_offer(self._chat, self.unfit_to_chat)

    @property
    def general(self) -> str:
        """The newest general model on offer for chatting; empty if there is none."""
        return next(iter(self.newest_first), "")

    @property
    def newest_first(self) -> list[str]:
        """The models on offer for chatting, the most general and newest first."""
        return self._on_offer(self._by_rank, self.unfit_to_chat)

    @property
    def painter(self) -> str:
        """The newest model that makes pictures; empty if none looks like it."""
        return next(iter(self._on_offer(self._painters, self.unfit_for_pictures)), "")

    @cached_property
    def ends(self) -> dict[str, float]:
        """When models are switched off, in unix seconds, by their names."""
        return {model.name: model.ends_at for model in self.models if model.ends_at}

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(model.name for model in self.models)

    @cached_property
    def _chat(self) -> list[str]:
        able = (m for m in self.models if model_kinds.can_chat(m.name, m.can_chat))
        return [model.name for model in able]

    @cached_property
    def _by_rank(self) -> list[str]:
        chat = frozenset(self._chat)
        created = {model.name: model.created or 0.0 for model in self.models}
        newest = sorted(
            sorted(chat), key=lambda name: (created[name], model_kinds.version(name)), reverse=True
        )
        return sorted(newest, key=lambda name: model_kinds.rank(name, chat))

    @cached_property
    def _painters(self) -> list[str]:
        able = [m for m in self.models if model_kinds.makes_pictures(m.name, m.makes_pictures)]
        names = frozenset(model.name for model in able)
        able.sort(key=lambda model: model.name)
        able.sort(key=lambda m: (m.created or 0.0, model_kinds.version(m.name)), reverse=True)
        able.sort(key=lambda model: model_kinds.is_variant(model.name, names))
        return [model.name for model in able]

    def _on_offer(self, names: list[str], unfit: frozenset[str]) -> list[str]:
        """Leave out what has ended and, unless nothing else is there, what has proved unfit."""
        now = time.time()
        ended = {name for name, moment in self.ends.items() if moment <= now}
        there = [name for name in names if name not in ended] if ended else names
        fit = [name for name in there if name not in unfit] if unfit else there
        return list(fit or there)

"""Which models are on offer, and which of them writes a reply."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from apps.catalog import listing, model_kinds
from apps.catalog.catalog import Catalog
from apps.chat.models import Conversation, Message
from apps.core.exceptions import Refused
from apps.gateway.client import GatewayError
from apps.users.models import User


class ModelNotOffered(Refused):
    """Somebody has asked for a model that they cannot have."""

    status = 422

    @property
    def sentence(self) -> str:
        return gettext("This model is not on offer. Choose another one.")


def offered() -> list[str]:
    """Return the models on offer, the default first; never wait for the service."""
    catalog = _catalog()
    names = settings.CHAT_MODELS or catalog.chat
    default = settings.CHAT_DEFAULT_MODEL or ("" if settings.CHAT_MODELS else catalog.general)
    both = dict.fromkeys([default, *names] if default else names)
    return [name for name in both if not catalog.has_ended(name)]


def usual(user: User) -> str:
    """Return the person's default model, or the installation's; empty while none is known."""
    own, catalog = user.chat_model, _catalog()
    if own and _may_have(own) and not catalog.has_ended(own) and own not in catalog.unfit_to_chat:
        return own
    return next(iter(offered()), "")


def model_of(conversation: Conversation, wanted: str = "") -> str:
    """Return the model that answers next, the wanted one if it may; empty while none is known.

    One that has ended stays chosen: that it is gone is told, and not made good in silence.
    """
    chosen = next((name for name in (wanted, conversation.model) if name and _may_have(name)), "")
    return chosen or usual(conversation.user)


def has_ended(model: str) -> bool:
    """Return whether the service has said that the model is switched off by now."""
    return _catalog().has_ended(model)


def may_choose(model: str) -> bool:
    """Return whether somebody may choose the model; where nothing is known, it may be any."""
    if model in offered():
        return True
    if settings.CHAT_MODELS or not model_kinds.is_name(model):
        return False
    catalog = listing.look()  # Another process may know more, and have offered it.
    return not catalog.is_known or catalog.may_chat(model)


def check(model: str, conversation: Conversation) -> None:
    """Raise ModelNotOffered unless the conversation's person can have the model."""
    if model != model_of(conversation) and not may_choose(model):
        raise ModelNotOffered


def check_callable(model: str) -> None:
    """Raise GatewayError if whoever runs this does not let the model be called.

    Rows name models that were on offer once, or that an import has brought along.
    """
    if not _may_have(model):
        raise GatewayError("model")


def model_for(reply: Message) -> str:
    """Return the model that is to write the reply; see next_model()."""
    model = reply.model or next_model(reply.conversation)
    if has_ended(model):
        raise GatewayError("model")
    return model


def next_model(conversation: Conversation) -> str:
    """Return the model that answers next; it may wait for the service to list some.

    Raise GatewayError.
    """
    model = model_of(conversation) or listing.fetch().general
    if not model:
        raise GatewayError("model")
    return model


def note_failure(model: str, code: str) -> None:
    """Learn from how a reply ended: what is not there, or cannot chat, is no longer offered.

    What the settings name always is.
    """
    if code == "model" and model not in [*settings.CHAT_MODELS, settings.CHAT_DEFAULT_MODEL]:
        listing.note_unfit(model, listing.Purpose.CHAT)


def options(conversation: Conversation) -> dict[str, Any]:
    """Return what a request for a reply says besides model and messages; None is not sent."""
    return {
        "temperature": conversation.temperature,
        "max_tokens": longest_reply(conversation),
    }


def longest_reply(conversation: Conversation) -> int | None:
    """Return how many tokens a reply may have; None if nobody has said."""
    limits = [conversation.max_tokens, settings.CHAT_MAX_OUTPUT_TOKENS]
    return min((limit for limit in limits if limit), default=None)


def _may_have(chosen: str) -> bool:
    """Return whether a model that was chosen once may still be asked.

    One that the service no longer lists may: the list can be wrong, and the service says so.
    """
    allowed = settings.CHAT_MODELS
    return not allowed or chosen in (*allowed, settings.CHAT_DEFAULT_MODEL)


def _catalog() -> Catalog:
    """Return what is known of the models; where the settings name all, no page looks for it."""
    return listing.remembered() if settings.CHAT_MODELS else listing.current()

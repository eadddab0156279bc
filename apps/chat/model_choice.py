"""Which models are on offer, and which of them writes a reply."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from apps.chat import model_list
from apps.chat.models import Conversation, Message
from apps.core.openai_gateway import GatewayError
from apps.core.refusals import Refused
from apps.users.models import User


class ModelNotOffered(Refused):
    """Somebody has asked for a model that they cannot have."""

    status = 422

    @property
    def sentence(self) -> str:
        return gettext("This model is not on offer. Choose another one.")


def offered() -> list[str]:
    """Return the models on offer, the default first; never wait for the service."""
    default = settings.CHAT_DEFAULT_MODEL
    names = settings.CHAT_MODELS or model_list.listed()
    return list(dict.fromkeys([default, *names] if default else names))


def choices(*chosen: str) -> list[str]:
    """Return what a picker shows: what is on offer, and what was chosen when it still was."""
    names = list(dict.fromkeys([*offered(), *filter(_may_be_asked, chosen)]))
    return names if settings.CHAT_MODELS else sorted(names, key=str.casefold)


def usual(user: User) -> str:
    """Return the person's default model, or the installation's; empty while none is known."""
    names = offered()
    usual_name = user.chat_model if _may_be_asked(user.chat_model) else ""
    return usual_name or (names[0] if names else "")


def model_of(conversation: Conversation, wanted: str = "") -> str:
    """Return the model that answers next, the wanted one if it may; empty while none is known."""
    chosen = next(filter(_may_be_asked, (wanted, conversation.model)), "")
    return chosen or usual(conversation.user)


def check(model: str, conversation: Conversation) -> None:
    """Raise ModelNotOffered unless the conversation's person can have the model."""
    if model not in choices(model_of(conversation)):
        raise ModelNotOffered


def model_for(reply: Message) -> str:
    """Return the model that is to write the reply; see next_model()."""
    return reply.model or next_model(reply.conversation)


def next_model(conversation: Conversation) -> str:
    """Return the model that answers next; it may wait for the service to list some.

    Raise GatewayError.
    """
    if model := model_of(conversation):
        return model
    if names := model_list.fetch():
        return names[0]
    raise GatewayError("model")


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


def _may_be_asked(chosen: str) -> bool:
    """Tell whether a model that was chosen once may still be asked.

    One that the service no longer lists may: the list can be wrong, and the service says so.
    """
    return bool(chosen) and (not settings.CHAT_MODELS or chosen in offered())

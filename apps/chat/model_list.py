"""What the AI service lists: asked for in the background, remembered, reduced to what can chat."""

import re

from django.conf import settings
from django.core.cache import caches

from apps.core import background, openai_gateway
from apps.core.openai_gateway import GatewayError

FRESH_SECONDS = 300
RETRY_SECONDS = 30  # After a list that did not come.
KEPT_SECONDS = 30 * 24 * 3600  # An old list is better than none.
MOST_MODELS = 300  # Of a service that lists thousands: each page with a composer holds them all.

# What surely cannot chat; a name that says nothing is offered.
_CANNOT_CHAT = re.compile(
    r"(?<![a-z])(embed(ding)?s?|bge|minilm|rerank(er)?|moderations?|whisper|transcri(be|ption)"
    r"|tts|speech|audio|realtime|dall-?e|images?|imagen|stable-diffusion|sdxl|sora|veo"
    r"|babbage|davinci|gpt-3\.5-turbo-instruct)(?![a-z])",
    re.IGNORECASE,
)


def listed() -> list[str]:
    """Return the chat models that the service has last listed, in its order, without waiting.

    Where that is long ago, the service is asked again in the background.
    """
    cache = caches["local"]
    if cache.add(_key("asked"), True, FRESH_SECONDS):
        _ask_in_background()
    names: list[str] = cache.get(_key("known"), [])
    return names


def fetch() -> list[str]:
    """Ask the service for its chat models and remember them; only for threads that may wait.

    Raise GatewayError.
    """
    names = [name for name in openai_gateway.list_models() if can_chat(name)][:MOST_MODELS]
    if names:
        caches["local"].set(_key("known"), names, KEPT_SECONDS)
    return names


def can_chat(name: str) -> bool:
    """Tell whether the name, which nobody has checked, may be that of a model that can chat."""
    return name.isprintable() and not name.isspace() and not _CANNOT_CHAT.search(name)


def refresh() -> None:
    try:
        fetch()
    except GatewayError:  # The gateway has logged it.
        caches["local"].set(_key("asked"), True, RETRY_SECONDS)


def _ask_in_background() -> None:
    try:
        background.pool().submit("models", refresh)
    except (background.QueueFull, background.PoolClosed):
        caches["local"].delete(_key("asked"))


def _key(what: str) -> str:
    return f"models:{what}:{settings.OPENAI_BASE_URL}"

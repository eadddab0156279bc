from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from apps.chat.models import Message
from apps.chat.usage import limit_errors, pricing

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


@register.filter
def money(amount: Decimal) -> str:
    return pricing.money(amount)


@register.filter
def usage_line(reply: Message) -> str:
    """Say what the reply took, and what that costs where its model has a price."""
    if not reply.completion_tokens:
        return ""
    prompt = reply.prompt_tokens or 0
    line = limit_errors.tokens_in_words(prompt + reply.completion_tokens)
    cost = pricing.cost_of_tokens(reply.model, prompt, reply.completion_tokens)
    if cost is not None:
        line = f"{line}, {pricing.money(cost)}"
    return gettext("about {usage}").format(usage=line) if reply.tokens_estimated else line

"""What a person is told when a reply fails, and what to do next."""

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, ngettext

from apps.chat.models import Message
from apps.core import failure_messages
from apps.core.failure_messages import AGAIN, Failed, Failure
from apps.ghibli_converter import errors as picture_errors

FAILURES = {
    **failure_messages.FAILURES,
    "model": Failure(
        gettext_noop("The model “{model}” is not available. Choose another one."),
        ("again", "model"),
    ),
    "context": Failure(
        gettext_noop(
            "This conversation is too long for {model}."
            " Shorten it, or choose a model with more room."
        ),
        ("edit", "model", "new"),
    ),
    "pictures": Failure(
        gettext_noop(
            "{model} does not take these pictures. Choose a model that sees, or ask without them."
        ),
        ("again", "edit", "model"),
    ),
    "cut": Failure(
        gettext_noop("The answer was cut off. What arrived is kept."), ("continue", "again")
    ),
    "length": Failure(gettext_noop("The answer reached the length limit."), ("continue",)),
    "early": Failure(gettext_noop("The AI service ended the answer early."), ("continue", "again")),
    "tool": Failure(
        gettext_noop(
            "The model asked for a tool, which Parlor does not have. Nothing was run."
            " Try again, or choose another model."
        ),
        ("again", "model"),
    ),
    "filter": Failure(
        gettext_noop(
            "The answer was stopped by the content filter."
            " Change your message, or choose another model."
        ),
        ("edit", "model"),
    ),
    "empty": Failure(
        gettext_noop("The AI service sent an empty answer. Try again, or choose another model."),
        ("again", "model"),
    ),
    "too_big": Failure(gettext_noop("The answer was longer than {limit} and was cut.")),
    "restarted": Failure(
        gettext_noop(
            "The server was restarted while this answer was being written. What arrived is kept."
        ),
        AGAIN,
    ),
    "busy": Failure(
        gettext_noop("Too many answers are being written. Your message is saved."), AGAIN
    ),
}


# The code is `length` as well: where there is no text, it was all spent on reasoning.
OUT_OF_THOUGHT = Failure(
    gettext_noop("The length limit was reached while the model was still thinking."),
    ("continue", "again"),
)


def sentence(failed: Failed) -> str:
    """Return in words, in the page's language, what went wrong."""
    if _is_picture(failed):
        return picture_errors.sentence(failed)
    if _is_out_of_thought(failed):
        return gettext(OUT_OF_THOUGHT.sentence)
    limit = ngettext("{n} character", "{n} characters", settings.CHAT_REPLY_MAX_CHARS)
    number = number_format(settings.CHAT_REPLY_MAX_CHARS, force_grouping=True)
    return failure_messages.sentence_of(failed, FAILURES, limit=limit.format(n=number))


def offers(reply: Failed) -> tuple[str, ...]:
    """Return what can be done about it; whatever ended early with some text can be continued."""
    if _is_picture(reply):
        return picture_errors.offers(reply)
    if _is_out_of_thought(reply):
        return OUT_OF_THOUGHT.offers
    offered = failure_messages.offers_of(reply, FAILURES)
    return offered if "continue" in offered or not _ended_early(reply) else ("continue", *offered)


def _ended_early(reply: Failed) -> bool:
    if not isinstance(reply, Message) or not reply.content.strip():
        return False
    return bool(reply.error) or reply.state != Message.State.DONE


def _is_out_of_thought(failed: Failed) -> bool:
    has_text = isinstance(failed, Message) and failed.content.strip()
    return failed.error == "length" and not has_text


def _is_picture(failed: Failed) -> bool:
    return isinstance(failed, Message) and failed.picture_id is not None

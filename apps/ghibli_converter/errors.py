"""What a person is told when a picture fails, and what to do next."""

from django.utils.translation import gettext_noop

from apps.core import failure_messages
from apps.core.failure_messages import AGAIN, EDIT, Failed, Failure

FAILURES = {
    **failure_messages.FAILURES,
    "model": Failure(
        gettext_noop("The model “{model}” cannot be had. Please tell the administrator."), AGAIN
    ),
    "no_model": Failure(
        gettext_noop(
            "The AI service lists no model that makes pictures."
            " The administrator can name one: the setting IMAGE_MODEL."
        ),
        AGAIN,
    ),
    "context": Failure(gettext_noop("These words are too long for {model}. Use fewer."), EDIT),
    "rejected": Failure(
        gettext_noop(
            "The AI service did not accept these words. Change them;"
            " if that does not help, tell the administrator."
        ),
        EDIT,
    ),
    "policy": Failure(
        gettext_noop(
            "The AI service declined to make this picture because of its content rules."
            " Your words are kept: change them, and try again."
        ),
        EDIT,
    ),
    "pictures": Failure(gettext_noop("{model} cannot convert pictures."), EDIT),
    "unreadable": Failure(
        gettext_noop(
            "The AI service sent a picture that could not be read, or the address of one that may"
            " not be fetched. Try again; if that does not help, tell the administrator."
        ),
        AGAIN,
    ),
    "cut": Failure(gettext_noop("The picture did not arrive whole."), AGAIN),
    "restarted": Failure(
        gettext_noop("The server was restarted while this picture was being made."), AGAIN
    ),
    "busy": Failure(gettext_noop("Too many pictures are being made. Your words are saved."), AGAIN),
    "lost": Failure(gettext_noop("The photo to convert is no longer there."), EDIT),
}


def sentence(failed: Failed) -> str:
    """Return in words, in the page's language, what went wrong."""
    return failure_messages.sentence_of(failed, FAILURES)


def offers(failed: Failed) -> tuple[str, ...]:
    """Return what can be done about it: "again", "edit", or nothing."""
    return failure_messages.offers_of(failed, FAILURES)

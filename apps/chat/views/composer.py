"""What comes with the form of the composer: the text, and the files chosen beside it."""

import logging

from django.utils.translation import gettext

from apps.chat.forms import MessageForm
from apps.chat.models import Conversation
from apps.chat.uploads import Kept, keep
from apps.chat.views.requests import UserRequest, read_number
from apps.core.storage import UNSTORABLE

logger = logging.getLogger(__name__)


def message_form(request: UserRequest, conversation: Conversation | None = None) -> MessageForm:
    """Return the form that was sent; its files are stored, whatever becomes of its message."""
    return MessageForm(request.POST, kept=keep_files(request, conversation))


def keep_files(request: UserRequest, conversation: Conversation | None) -> Kept:
    """Store the files of the form, so that its next answer need not ask for them again."""
    waiting = [read_number(pk) for pk in request.POST.getlist("attachment")]
    uploads = request.FILES.getlist("files")
    try:
        return keep(request.user, conversation, uploads, waiting)
    except (OSError, *UNSTORABLE):
        logger.exception("files could not be stored")
        sentence = gettext("Your files could not be saved. Attach them again.")
        return Kept(waiting, refusals=[sentence])

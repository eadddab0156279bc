"""The life of attached files: into a message, into its copies, and away."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext

from apps.chat.models import Attachment, Message
from apps.core.exceptions import Refused
from apps.core.files import storage
from apps.core.files.deletion import delete_with_files, remove_unnamed

FOLDER = "attachments"
WAITING = timedelta(days=1)  # That a file is kept without being sent.


class FilesGone(Refused):
    """A file that should be sent does not wait any more: it was removed, or sent elsewhere."""

    @property
    def sentence(self) -> str:
        return gettext("A file was removed meanwhile. Look at what is attached.")


def attach(message: Message, ids: Sequence[int], earlier: Message | None = None) -> None:
    """Put waiting files of its writer into a new message, and those of an earlier version of it.

    Raise FilesGone if one is gone.
    """
    if ids:
        _take_waiting(message, ids)
    if earlier:
        copy_attachments(earlier, message)
    if not (ids or earlier):
        message.files = []  # Most messages have none; nobody need look for them.


def files_title(ids: Sequence[int]) -> str:
    """Return what a conversation is called that begins with files and without words."""
    names = Attachment.objects.filter(pk__in=ids).values_list("name", flat=True)
    return ", ".join(names)


def copy_attachments(from_message: Message, to_message: Message) -> None:
    """Give a message the files of another one; they are stored once."""
    copies = list(from_message.attachments.defer(None))
    for copy in copies:
        copy.pk = None
        copy.message = to_message
        copy.conversation_id = to_message.conversation_id
        copy.user_id = to_message.conversation.user_id
    Attachment.objects.bulk_create(copies)


def discard(attachments: QuerySet[Attachment]) -> None:
    """Delete the rows, and with them the files that no other row names."""
    delete_with_files(attachments)


def bytes_of(user_id: int) -> int:
    """Return how much the files that the person has attached take; copies share theirs."""
    own = Attachment.objects.filter(user=user_id).order_by()
    files = own.values("file", "size").distinct()
    return files.aggregate(total=Sum("size"))["total"] or 0


def sweep() -> None:
    """Discard what waited too long, and files that no row names: a crash has left them."""
    discard(Attachment.objects.waiting().filter(created_at__lt=timezone.now() - WAITING))
    fields = [Attachment.file.field, Attachment.thumbnail.field]
    remove_unnamed(storage.orphans(FOLDER), fields)


def _take_waiting(message: Message, ids: Sequence[int]) -> None:
    owner = message.conversation.user_id
    waiting = Attachment.objects.waiting().filter(user=owner, pk__in=ids)
    changes = {"message": message, "conversation": message.conversation_id}
    if waiting.update(**changes) != len(set(ids)):
        raise FilesGone

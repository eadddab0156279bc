"""The trash: what was deleted can be restored for a while, and is then deleted for good."""

import logging
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from apps.chat.models import Conversation, ConversationQuerySet
from apps.chat.replies import writer
from apps.chat.replies.stop import stop_all
from apps.core.db.soft_delete import LONG_AGO
from apps.core.files.deletion import delete_one_by_one, delete_with_files
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.models import Picture
from apps.jobs import housekeeping
from apps.users.models import User

logger = logging.getLogger(__name__)


def put_in(conversation: Conversation) -> None:
    """Put the conversation into the trash; a reply on its way is stopped."""
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=Now())
    stop_all(conversation.messages.all())


def restore(conversation: Conversation) -> None:
    """Put the conversation back where it was, in the list or in the archive."""
    Conversation.with_trash.filter(pk=conversation.pk).update(deleted_at=None)


def empty(user: User, conversations: ConversationQuerySet) -> None:
    """Delete these of the person's conversations for good: at once for people, soon on the disk."""
    with transaction.atomic():
        conversations.order_by().update(deleted_at=LONG_AGO)
        transaction.on_commit(partial(housekeeping.submit, remove_due, user.pk))


def remove_due() -> int:
    """Delete for good what is due; return how many there were."""
    return delete_one_by_one(Conversation.with_trash.due())


def delete_account(user: User) -> None:
    """Delete the person with everything that is theirs; replies on their way are given up."""
    conversations = Conversation.with_trash.filter(user=user)
    for conversation in conversations.only("pk"):  # All at once would keep others waiting.
        in_progress = list(conversation.messages.in_progress().values_list("pk", flat=True))
        for pk in in_progress:
            writer.end_stopped(pk)  # Its call is booked, though nobody will read it.
        delete_with_files(conversations.filter(pk=conversation.pk))
        for pk in in_progress:
            writer.cancel(pk)
    for picture in Picture.with_trash.filter(user=user).in_progress():
        ghibli_converter.cancel(picture)
    people = User.objects.filter(pk=user.pk)
    with transaction.atomic():
        list(people.select_for_update())  # Who writes a message just now waits, and then fails.
        delete_with_files(people)
    logger.info("account %s deleted", user.pk)

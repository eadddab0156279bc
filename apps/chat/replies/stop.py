"""Stop: what has arrived of a reply stays, and nothing more comes, whichever process writes it."""

import logging

from django.db.models.functions import Now

from apps.chat.models import Message, MessageQuerySet
from apps.chat.replies import writer
from apps.chat.replies.streaming import follow
from apps.ghibli_converter import services as ghibli_converter

logger = logging.getLogger(__name__)


def stop(reply: Message) -> bool:
    """End the reply with what has arrived; return whether it was in progress."""
    if reply.picture:
        return ghibli_converter.cancel(reply.picture)
    if reply.is_in_progress:
        follow.stop_elsewhere(reply.pk)
    queued = Message.objects.filter(pk=reply.pk, state=Message.State.QUEUED)
    stopped = queued.update(state=Message.State.STOPPED, finished_at=Now())
    stopped = bool(stopped) or writer.end_stopped(reply.pk)
    if stopped:
        logger.info("reply %s stopped", reply.pk)
    writer.cancel(reply.pk)
    return stopped


def stop_all(messages: MessageQuerySet) -> int:
    """Stop the replies among these that are in progress; return how many there were."""
    return sum(stop(reply) for reply in messages.in_progress())

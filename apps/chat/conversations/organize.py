"""What a person does to find a conversation again: a name, a pin, the archive, tags."""

from django.db import transaction

from apps.chat.models import Conversation, Tag


def rename(conversation: Conversation, title: str) -> None:
    """Give the conversation the person's own title, which no other overwrites."""
    Conversation.objects.filter(pk=conversation.pk).update(title=title, named_by_person=True)


def arrange(conversation: Conversation, **changes: bool) -> None:
    """Set is_pinned or is_archived."""
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(changes))


def tag(conversation: Conversation, names: list[str]) -> None:
    """Give the conversation these tags and no others; a tag without a conversation goes."""
    user = conversation.user_id
    with transaction.atomic():
        tags = [
            Tag.objects.get_or_create(user_id=user, name__iexact=name, defaults={"name": name})[0]
            for name in names
        ]
        conversation.tags.set(tags)
        Tag.objects.filter(user=user, conversations=None).delete()

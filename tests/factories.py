from django.core.files.uploadedfile import SimpleUploadedFile

from apps.chat.attachments.services import attach
from apps.chat.attachments.uploads import FOLDER, keep
from apps.chat.models import Attachment, Conversation, Message
from apps.core.files import storage
from apps.ghibli_converter.models import Picture
from apps.users.models import User
from tests.uploads import png

PASSWORD = "korrekt-pferd-77"


def make_user(username="ada", password=PASSWORD, **fields):
    return User.objects.create_user(username, password=password, **fields)


def make_conversation(user, *texts, title="A conversation", **fields):
    """Make a conversation; the texts are said in turns by the person and the model."""
    conversation = Conversation.objects.create(user=user, title=title, **fields)
    for number, text in enumerate(texts):
        role = Message.Role.ASSISTANT if number % 2 else Message.Role.USER
        make_message(conversation, text, role=role)
    return conversation


def make_message(conversation, content="", role=Message.Role.USER, **fields):
    """Add a message at the tip of the conversation."""
    fields = {"parent_id": conversation.tip_id, "role": role, "content": content, **fields}
    message = conversation.messages.create(**fields)
    conversation.tip = message
    conversation.save(update_fields=["tip"])
    return message


def make_reply(conversation, content="", **fields):
    return make_message(conversation, content, role=Message.Role.ASSISTANT, **fields)


def make_attachment(place, name="picture.png", data=None):
    """Attach a file to the message, or have it wait in the conversation."""
    is_message = isinstance(place, Message)
    conversation = place.conversation if is_message else place
    if data is None:
        attachment = _picture_attachment(conversation, name)
    else:
        kept = keep(conversation.user, conversation, [SimpleUploadedFile(name, data)])
        assert kept.refusals == []
        attachment = kept.new[0]
    if is_message:
        attach(place, [attachment.pk])
    return Attachment.objects.get(pk=attachment.pk)


def _picture_attachment(conversation, name):
    """Store a picture that is known to be good, without the process that makes others so."""
    data = png()
    sides = {"width": 60, "height": 40, "thumbnail_width": 60, "thumbnail_height": 40}
    stored = {field: storage.store(data, FOLDER, "png") for field in ("file", "thumbnail")}
    fields = {"kind": Attachment.Kind.PICTURE, "content_type": "image/png", "size": len(data)}
    return Attachment.objects.create(
        user=conversation.user,
        conversation=conversation,
        name=name,
        tokens=85,
        **fields,
        **sides,
        **stored,
    )


def make_picture(user, words="A picture", **fields):
    """Make a converted picture, with its files."""
    names = ("original", "original_thumbnail", "result", "thumbnail")
    stored = {name: storage.store(png(), "pictures", "png") for name in names}
    sides = {"width": 60, "height": 40, "original_width": 60, "original_height": 40}
    fields = {"kind": "convert", "state": "done", "size": "square", "model": "m", **fields}
    fields = {"words": words, "alt": words, "prompt": words, "original_name": "photo.png", **fields}
    return Picture.objects.create(user=user, **stored, **sides, **fields)

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.chat.attachments import attach
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.uploads import keep
from apps.core import files
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
    upload = SimpleUploadedFile(name, png() if data is None else data)
    kept = keep(conversation.user, conversation, [upload])
    assert kept.refusals == []
    if is_message:
        attach(place, kept.ids)
    return Attachment.objects.get(pk=kept.ids[0])


def make_picture(user, words="A picture", **fields):
    """Make a converted picture, with its files."""
    names = ("original", "original_thumbnail", "result", "thumbnail")
    stored = {name: files.store(png(), "pictures", "png") for name in names}
    sides = {"width": 60, "height": 40, "original_width": 60, "original_height": 40}
    fields = {"kind": "convert", "state": "done", "size": "square", "model": "m", **fields}
    fields = {"words": words, "alt": words, "prompt": words, "original_name": "photo.png", **fields}
    return Picture.objects.create(user=user, **stored, **sides, **fields)

from apps.chat.models import Conversation, Message
from apps.users.models import User

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

import pytest

from apps.chat.models import Conversation, Message
from tests.server import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_first_message_makes_a_conversation_with_a_reply(ada_client, demo):
    response = ada_client.post("/chat/new/", {"message": "What are tides?\nIn short."})
    conversation = Conversation.objects.get()
    assert conversation.title == "What are tides? In short."
    question, reply = conversation.messages.all()
    assert question.content == "What are tides?\nIn short."
    wait_until(lambda: Message.objects.get(pk=reply.pk).state == "done")
    assert response.status_code == 303
    assert response["Location"] == f"/chat/{conversation.pk}/follow/"

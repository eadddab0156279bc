"""So many messages in a minute, and no more."""

import pytest

from apps.chat.models import Message


@pytest.fixture(autouse=True)
def _two_in_a_minute(settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 2


@pytest.mark.row("O-094")
def test_one_message_more_than_allowed_is_refused_with_its_text(ada_client, demo):
    for text in "one", "two":
        assert ada_client.post("/chat/new/", {"message": text}).status_code == 303
    response = ada_client.post("/chat/new/", {"message": "and three"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "and three" in response.content.decode()
    assert "many messages in a minute" in response.content.decode()
    assert not Message.objects.filter(content="and three").exists()
    demo.wait_for(lambda requests: len(requests) == 2)


def test_another_person_is_not_held_up(ada_client, demo, django_user_model):
    for text in "one", "two", "three":
        ada_client.post("/chat/new/", {"message": text})
    ada_client.force_login(django_user_model.objects.create_user("ben"))
    assert ada_client.post("/chat/new/", {"message": "hello"}).status_code == 303

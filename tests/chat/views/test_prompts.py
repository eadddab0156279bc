"""Saved prompts: kept, changed, deleted, and put where they are wanted."""

import pytest

from apps.chat.context.system_prompt import MOST_PROMPTS
from apps.chat.models import Conversation, SavedPrompt
from tests.chat.talk import HTMX, answered, newest, page_of, post
from tests.factories import make_conversation
from tests.page import Page, words

pytestmark = pytest.mark.any_database


@pytest.fixture
def prompt(ada):
    return ada.prompts.create(name="Pirate", text="Speak like a pirate.\n<b>Arr</b>")


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Question", "Answer")


def insert(client, prompt, conversation=None, /, headers=None, **fields):
    """Choose the prompt in the menu of a composer."""
    pk = conversation.pk if conversation else ""
    path = f"/chat/prompts/{prompt.pk}/insert/"
    return post(client, path, headers=headers, conversation=pk, **fields)


def test_a_prompt_is_saved_listed_changed_and_deleted(ada_client, ada):
    response = post(ada_client, "/chat/prompts/", name="  Pi \t rate ", text=" Arr!\r\n\r\nArr. ")
    assert response.status_code == 303
    prompt = ada.prompts.get()
    assert (prompt.name, prompt.text) == ("Pi rate", "Arr!\n\nArr.")
    page = Page(ada_client.get("/chat/prompts/"))
    assert "Pi rate" in page.text
    assert f"/chat/prompts/{prompt.pk}/" in page.links.values()

    response = post(ada_client, f"/chat/prompts/{prompt.pk}/", name="Sailor", text="Ahoy!")
    assert response.status_code == 303
    prompt.refresh_from_db()
    assert (prompt.name, prompt.text) == ("Sailor", "Ahoy!")

    assert "Delete" in Page(ada_client.get(f"/chat/prompts/{prompt.pk}/delete/")).buttons
    assert ada.prompts.exists()
    assert post(ada_client, f"/chat/prompts/{prompt.pk}/delete/")["Location"] == "/chat/prompts/"
    assert not ada.prompts.exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [("", "Text"), (" \x01", "Text"), ("Name", " "), ("x" * 81, "Text"), ("Name", "x" * 10_001)],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_what_cannot_be_saved_is_refused_and_stays(ada_client, ada, prompt, name, text, is_new):
    path = "/chat/prompts/" if is_new else f"/chat/prompts/{prompt.pk}/"
    response = post(ada_client, path, name=name, text=text)
    page = Page(response)
    assert response.status_code == 422
    assert page.alerts
    assert words(page.all("textarea[@name='text']")[0]) == text.strip()
    assert list(ada.prompts.values_list("name", flat=True)) == ["Pirate"]


def test_a_name_is_given_once(ada_client, ada, bob_client, prompt):
    response = post(ada_client, "/chat/prompts/", name="Pirate", text="Another")
    assert response.status_code == 422
    assert "You have a prompt of this name already." in Page(response).text
    assert post(bob_client, "/chat/prompts/", name="Pirate", text="Bob's").status_code == 303
    path = f"/chat/prompts/{prompt.pk}/"
    assert post(ada_client, path, name="Pirate", text="Its own name").status_code == 303


def test_there_is_an_end_to_what_can_be_saved(ada_client, ada, prompt):
    others = [SavedPrompt(user=ada, name=str(n), text="x") for n in range(MOST_PROMPTS - 1)]
    SavedPrompt.objects.bulk_create(others)
    response = post(ada_client, "/chat/prompts/", name="One more", text="Text")
    assert response.status_code == 422
    assert "Delete one first." in Page(response).text
    path = f"/chat/prompts/{prompt.pk}/"
    assert post(ada_client, path, name="Changed", text="Text").status_code == 303


def test_a_prompt_begins_a_new_chat(ada_client, prompt):
    page = Page(ada_client.get("/chat/prompts/"))
    link = page.all("a[@aria-label='Use in a new chat: Pirate']")[0].get("href")
    assert Page(ada_client.get(link)).typed == prompt.text
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 30])
def test_a_prompt_that_is_none_begins_nothing(ada_client, number):
    assert ada_client.get(f"/chat/new/?prompt={number}").status_code == 404


def test_a_prompt_of_another_person_cannot_be_used(bob_client, bob, prompt):
    theirs = make_conversation(bob, "Question")
    assert bob_client.get(f"/chat/new/?prompt={prompt.pk}").status_code == 404
    assert insert(bob_client, prompt, theirs).status_code == 404
    response = post(bob_client, f"/chat/{theirs.pk}/options/", prompt=prompt.pk)
    theirs.refresh_from_db()
    assert theirs.system_prompt == ""
    assert "pirate" not in response.content.decode()


def test_a_prompt_is_not_put_into_a_conversation_of_another_person(ada_client, bob, prompt):
    theirs = make_conversation(bob, "Question")
    assert insert(ada_client, prompt, theirs).status_code == 404
    theirs.refresh_from_db()
    assert theirs.draft == ""


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_prompt_is_put_below_what_is_typed(ada_client, prompt, conversation, headers):
    typed = {"message": "Half a thou\r\nght", "model": "parlor-demo-mini"}
    response = insert(ada_client, prompt, conversation, headers, **typed)
    if headers is None:
        assert (response.status_code, response["Location"]) == (303, f"/chat/{conversation.pk}/")
        response = ada_client.get(response["Location"])
    page = Page(response)
    assert page.typed == f"Half a thou\nght\n\n{prompt.text}"
    assert page.named("composer").get("action") == f"/chat/{conversation.pk}/send/"
    chosen = [words(each) for each in page.all("option") if each.get("selected") is not None]
    assert chosen == ["parlor-demo-mini"]
    assert page_of(ada_client, newest(conversation)).typed == page.typed


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_prompt_is_put_into_a_new_chat(ada_client, prompt, headers):
    typed = {"message": "Typed", "model": "parlor-demo-mini"}
    response = insert(ada_client, prompt, None, headers, **typed)
    if headers is None:
        assert response.status_code == 303
        response = ada_client.get(response["Location"])
    page = Page(response)
    assert page.typed == f"Typed\n\n{prompt.text}"
    chosen = [words(each) for each in page.all("option") if each.get("selected") is not None]
    assert chosen == ["parlor-demo-mini"]
    assert not Conversation.objects.exists()


def test_the_composer_has_a_menu_of_prompts(ada_client, prompt, conversation):
    for path in "/chat/", "/chat/new/", f"/chat/{conversation.pk}/":
        assert "Pirate" in Page(ada_client.get(path)).composer_buttons
    prompt.delete()
    assert "Prompts" not in Page(ada_client.get("/chat/new/")).text


def test_a_prompt_becomes_part_of_the_system_prompt(ada_client, demo, prompt, conversation):
    path = f"/chat/{conversation.pk}/options/"
    post(ada_client, path, system_prompt="You are kind.", prompt=prompt.pk)
    answered(ada_client, "Hello", conversation)
    system = demo.requests[-1]["body"]["messages"][0]
    assert system == {"role": "system", "content": f"You are kind.\n\n{prompt.text}"}


def test_a_system_prompt_does_not_grow_beyond_its_limit(ada_client, prompt, conversation):
    path = f"/chat/{conversation.pk}/options/"
    response = post(ada_client, path, system_prompt="x" * 9_990, prompt=prompt.pk)
    assert response.status_code == 422
    assert "#id_system_prompt" in Page(response).links.values()
    conversation.refresh_from_db()
    assert conversation.system_prompt == ""


def test_prompts_can_be_looked_after_in_the_admin(admin_client, prompt):
    assert "Pirate" in Page(admin_client.get("/admin/chat/savedprompt/?q=ada")).text
    assert admin_client.get(f"/admin/chat/savedprompt/{prompt.pk}/change/").status_code == 200

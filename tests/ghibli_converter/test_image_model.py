"""Which model makes a picture where the settings name none."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from apps.catalog import listing
from apps.chat.models import Message, UsageRecord
from apps.ghibli_converter import job
from apps.ghibli_converter.models import Picture
from tests.chat.talk import answered, page_of, post, settled, shown
from tests.ghibli_converter.talk import address, converted, create, ended, made
from tests.page import Page
from tests.upstream import Upstream, error

pytestmark = pytest.mark.usefixtures("media", "styles")


@pytest.fixture(autouse=True)
def _no_model(demo, settings):
    settings.IMAGE_MODEL = ""
    yield
    settled()


def listed(*names, start=1_600_000_000):
    """Let the service have listed these, the newest last, in the order of a real list: none."""
    rows = [{"name": name, "created": start + number} for number, name in enumerate(names)]
    body = {"data": [{"id": row["name"], "created": row["created"]} for row in reversed(rows)]}
    return error(200, body)


def service(models, *pictures):
    """Answer with the list whenever that is asked for, and with the pictures in their order."""
    answers = list(pictures)

    def step(client):
        is_list = client.request.line.startswith("GET /v1/models")
        client.send(models if is_list else answers.pop(0) if len(answers) > 1 else answers[0])

    return Upstream(step)


def asked(upstream):
    """Return the requests for pictures."""
    return [each for each in upstream.requests if each.line.startswith("POST ")]


def drawing():
    file = BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    return error(200, {"created": 0, "data": [{"b64_json": data}]})


def gone(name):
    body = {"message": f"The model `{name}` does not exist", "code": "model_not_found"}
    return error(404, {"error": body})


@pytest.mark.parametrize("make", [made, converted])
def test_the_newest_one_of_the_service_makes_it(ada_client, settings, make):
    settings.IMAGE_PRICES = ["gpt-image-3=0.04"]
    names = listed("dall-e-3", "gpt-image-3", "gpt-image-3-mini", "gpt-9", "whisper-3")
    with service(names, drawing()) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        picture = make(ada_client)
        (request,) = asked(upstream)
    assert (picture.state, picture.model) == ("done", "gpt-image-3")
    assert b"gpt-image-3" in request.body
    record = UsageRecord.objects.get()
    assert (record.model, record.outcome, float(record.cost)) == ("gpt-image-3", "done", 0.04)
    assert "gpt-image-3" in Page(ada_client.get(address(picture))).text


def test_a_setting_wins(ada_client, settings):
    settings.IMAGE_MODEL = "my-painter"
    with service(listed("gpt-image-3"), drawing()) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        assert made(ada_client).model == "my-painter"
        assert [each.json["model"] for each in asked(upstream)] == ["my-painter"]


def test_the_page_that_asks_does_not_wait_for_the_list(ada_client, demo, monkeypatch):
    monkeypatch.setattr("apps.gateway.client.MODEL_LIST_SECONDS", 0.5)
    demo.fault = "models-silent"
    assert create(ada_client).status_code == 303
    picture = Picture.objects.get()
    assert (picture.model, picture.is_in_progress) == ("", True)
    assert Page(ada_client.get(address(picture))).named("picture") is not None
    assert ended().error == "timeout"


def test_a_picture_in_a_conversation_says_what_made_it(ada_client, demo):
    reply = answered(ada_client, "/image A lighthouse")
    assert (reply.state, reply.model) == ("done", "parlor-demo-image")
    assert "parlor-demo-image" in shown(ada_client, reply).text
    assert UsageRecord.objects.get().model == "parlor-demo-image"


@pytest.mark.parametrize("names", [["gpt-9", "whisper-3", "sora-3"], ["qwen-image-edit"]])
def test_where_none_looks_like_it_the_page_says_what_to_set(ada_client, settings, names):
    with Upstream(listed(*names)) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        picture = made(ada_client)
        page = Page(ada_client.get(address(picture)))
        reply = answered(ada_client, "/image A lighthouse")
        article = shown(ada_client, reply)
        page_of(ada_client, reply)
    assert (picture.state, picture.error) == ("error", "no_model")
    for text in page.text, article.note:
        assert "lists no model that makes pictures" in text
        assert "IMAGE_MODEL" in text
    assert not UsageRecord.objects.exclude(outcome="no_model").exists()


@pytest.mark.parametrize(
    ("answer", "code"), [(error(401, b"{}"), "credentials"), (error(500, b""), "unavailable")]
)
def test_a_list_that_fails_is_told_as_what_it_is(ada_client, settings, answer, code):
    with Upstream(answer) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        assert made(ada_client).error == code


@pytest.mark.row("O-123")
def test_one_that_was_switched_off_makes_room_for_another(ada_client, settings):
    """With the second try, at the latest: it is not asked again."""
    names = listed("gpt-image-3", "gpt-image-4")
    with service(names, gone("gpt-image-4"), drawing()) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        failed = made(ada_client)
        assert (failed.error, failed.model) == ("model", "gpt-image-4")
        post(ada_client, address(failed, "retry"), tries=failed.tries)
        picture = ended(failed)
    assert (picture.state, picture.model) == ("done", "gpt-image-3")


@pytest.mark.row("O-123")
def test_one_that_has_ended_is_not_taken(ada_client, settings):
    body = {"data": [{"id": "gpt-image-3", "created": 1}, {"id": "gpt-image-4", "created": 2}]}
    body["data"][1]["shutdown_date"] = "2020-10-23"
    with service(error(200, body), drawing()) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        assert made(ada_client).model == "gpt-image-3"


def test_one_that_ends_while_a_picture_waits_is_not_asked(ada_client, ada, settings, demo):
    listing.fetch()
    row = listing.Listing.objects.get()
    row.listed = [*row.listed, {"name": "gpt-image-4", "created": 2e9, "ends_at": 1e9}]
    row.save()
    listing.look()
    reply = answered(ada_client, "/image A lighthouse")
    Picture.objects.update(state="queued", model="gpt-image-4", finished_at=None)
    job.make_picture(Picture.objects.get().pk)
    assert Picture.objects.get().model == "parlor-demo-image"
    assert Message.objects.get(pk=reply.pk).model == "parlor-demo-image"

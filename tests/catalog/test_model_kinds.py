"""What the names of models say, and the fields that services give beside them."""

import json

import pytest

from apps.catalog import model_kinds
from apps.catalog.catalog import Catalog
from apps.gateway.errors.translation import UpstreamError
from apps.gateway.model_list import read_models
from tests.catalog import lists
from tests.catalog.lists import openrouter, rows, untimed


def catalog(listed):
    return Catalog(tuple(read_models(json.dumps({"data": listed}).encode())), is_known=True)


def named(table):
    return [(service, name) for service, names in table.items() for name in names]


@pytest.mark.parametrize(("service", "name"), named(lists.CHAT))
def test_what_can_chat_is_offered(service, name):
    assert model_kinds.can_chat(name)


@pytest.mark.parametrize(("service", "name"), named(lists.OTHER))
def test_what_cannot_chat_is_not(service, name):
    assert not model_kinds.can_chat(name)
    assert not model_kinds.makes_pictures(name)


@pytest.mark.parametrize(("service", "name"), named(lists.PICTURES))
def test_what_makes_pictures_does_that_and_nothing_else(service, name):
    assert model_kinds.makes_pictures(name)
    assert not model_kinds.can_chat(name)


@pytest.mark.parametrize("name", ["a\u202eb", "two\u2028lines", " ", "", "x" * 201])
def test_a_name_that_cannot_be_shown_is_not_offered(name):
    assert not model_kinds.can_chat(name)
    assert not model_kinds.makes_pictures(name)


MISTRAL_EMBED = {"completion_chat": False, "completion_fim": False, "vision": False}
FIELDS = [
    ({"architecture": {"output_modalities": ["text"]}}, True),
    ({"architecture": {"output_modalities": ["image"]}}, False),
    ({"architecture": {"modality": "text+image->text"}}, True),
    ({"architecture": {"modality": "text->video"}}, False),
    ({"capabilities": {"completion_chat": True, "audio": True}}, True),
    ({"capabilities": MISTRAL_EMBED}, False),
    ({"capabilities": {"type": "chat"}}, True),
    ({"capabilities": {"type": "embeddings"}}, False),
    ({"capabilities": ["completion", "tools"]}, True),
    ({"capabilities": ["embedding"]}, False),
    ({"type": "chat"}, True),
    ({"type": "vlm"}, True),
    ({"type": "embeddings"}, False),
    ({"type": "language"}, True),
    ({"supported_output_modalities": ["text"]}, True),
    ({"supported_output_modalities": ["embeddings"]}, False),
    ({"type": "model"}, None),
    ({"mode": "responses"}, False),
    ({"supported_endpoints": ["/chat/completions", "/responses"]}, True),
    ({"supported_endpoints": ["/responses"]}, False),
    ({"supported_endpoints": ["v1/completions"]}, False),
    ({"supportedGenerationMethods": ["generateContent", "countTokens"]}, True),
    ({"supportedGenerationMethods": ["embedContent"]}, False),
    ({"supportedGenerationMethods": ["bidiGenerateContent"]}, None),
    ({"pipeline_tag": "text-generation"}, True),
    ({"pipeline_tag": "text-to-image"}, False),
    ({"task": {"name": "Text Generation"}}, True),
    ({"task": {"name": "Automatic Speech Recognition"}}, False),
    ({"type": 7, "capabilities": None, "architecture": [], "mode": {"a": []}}, None),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "can_chat"), FIELDS)
def test_what_a_service_says_of_a_model_is_read(fields, can_chat):
    (model,) = read_models(json.dumps([{"id": "x", **fields}]).encode())
    assert model.can_chat is can_chat


@pytest.mark.parametrize(
    "fields",
    [
        {"active": False},
        {"archived": True},
        {"status": "retired"},
        {"lifecycle_status": "Retired"},
        {"available_on_current_plan": False},
    ],
)
def test_what_is_switched_off_is_not_listed(fields):
    assert read_models(json.dumps({"data": [{"id": "x", **fields}]}).encode()) == []


def test_what_a_service_says_wins_over_a_guess_but_not_over_a_guard():
    many = openrouter(*lists.OPENROUTER_CHAT, "meta-llama/llama-guard-4-12b")
    many += openrouter("google/gemini-2.5-flash-image", outputs=["image", "text"])
    many += openrouter("black-forest-labs/flux.2-pro", outputs=["image"])
    found = catalog(many)
    assert set(found.chat) == {*lists.OPENROUTER_CHAT, "google/gemini-2.5-flash-image"}
    assert found.painter in ("google/gemini-2.5-flash-image", "black-forest-labs/flux.2-pro")


def test_together_says_what_each_is():
    found = catalog(lists.TOGETHER)
    assert len(found.chat) == 3
    assert found.general == "deepseek-ai/DeepSeek-V3.1"
    assert found.painter in ("black-forest-labs/FLUX.1-schnell", "google/imagen-4.0-preview")


def test_language_is_chat_where_no_other_model_is_called_that():
    both = [{"id": "a", "type": "language"}, {"id": "b", "type": "chat"}]
    assert [model.can_chat for model in read_models(json.dumps(both).encode())] == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        [{"id": "a"}],
        ["a"],
        {"models": [{"name": "a"}]},
        {"models": [{"key": "a"}]},
        {"data": [{"model": "a"}]},
        {"data": [{"model_name": "a"}]},
        {"data": ["a"]},
        {"data": None, "models": [{"name": "a"}]},
        {"data": {"data": [{"id": "a"}]}},
        {"data": {"a": {"owned_by": "x"}}},
        {"result": [{"name": "a"}], "success": True},
        {"data": [{"id": "a"}], "message": "ok", "code": 0},
    ],
)
def test_a_list_may_come_bare_or_in_another_form(body):
    assert [model.name for model in read_models(json.dumps(body).encode())] == ["a"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"message": "Invalid API key", "code": "invalid_api_key"}}, "credentials"),
        ({"error": {"code": 429, "message": "Rate limited"}}, "rate"),
        ({"detail": "Unauthorized"}, "credentials"),
        ({"object": "list"}, "unreadable"),
        ("a", "unreadable"),
    ],
)
def test_an_error_in_place_of_a_list_is_that_error(body, code):
    with pytest.raises(UpstreamError) as caught:
        read_models(json.dumps(body).encode())
    assert caught.value.code == code


# The usual model: the newest general one.

everything = "\n".join([*lists.OPENAI_OTHER, *lists.OPENAI_PICTURES, *lists.OPENAI_CHAT])
GENERAL = {
    "openai": (rows(everything), "gpt-5.2"),
    "the newest is a special one": (
        rows("gpt-5\ngpt-5.1\ngpt-5.1-mini\ngpt-6-codex\ngpt-5-search-api"),
        "gpt-5.1",
    ),
    "a preview counts less": (rows("gpt-5\ngpt-6-preview"), "gpt-5"),
    "only a preview": (rows("text-embedding-3-small\ngpt-6-preview"), "gpt-6-preview"),
    "only small ones": (rows("gpt-5-nano\ngpt-5-mini"), "gpt-5-mini"),
    "a snapshot counts less than its alias": (rows("gpt-5\ngpt-5-2025-08-07"), "gpt-5"),
    "a snapshot alone": (
        rows("claude-opus-4-20250514\nclaude-sonnet-4-5-20250929"),
        "claude-sonnet-4-5-20250929",
    ),
    "the order of the list does not matter": (list(reversed(rows("a-1\na-2"))), "a-2"),
    "mistral, where all were made now": (
        untimed(*lists.MISTRAL_CHAT, *lists.MISTRAL_OTHER, created=1_760_000_000),
        "mistral-large-latest",
    ),
    "gemini, without times": (
        untimed(*lists.GEMINI_OTHER, *lists.GEMINI_PICTURES, *lists.GEMINI_CHAT),
        "models/gemini-2.5-pro",
    ),
    "ollama, the last one that was pulled": (
        rows("qwen3:30b\nllama3.1:70b\nnomic-embed-text:latest\nqwen2.5-coder:32b"),
        "llama3.1:70b",
    ),
    "llama.cpp": (untimed("/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf"), None),
    "base models count less": (rows("llama-3-70b\nllama-4-70b-base"), "llama-3-70b"),
}


@pytest.mark.parametrize("case", GENERAL)
def test_the_newest_general_model_is_the_usual_one(case):
    listed, name = GENERAL[case]
    assert catalog(listed).general == (name or listed[0]["id"])


def test_nothing_that_can_chat_is_no_usual_one():
    assert catalog(rows("whisper-1\ndall-e-3")).general == ""


# What makes pictures.

PAINTERS = {
    "openai": (rows(everything), "chatgpt-image-latest"),
    "the newest": (rows("dall-e-3\ngpt-image-1\ngpt-image-2\ngpt-5"), "gpt-image-2"),
    "the full one": (rows("gpt-image-2\ngpt-image-2-mini\ngpt-image-2-2026-04-21"), "gpt-image-2"),
    "a small one alone": (rows("gpt-image-1-mini\ngpt-5"), "gpt-image-1-mini"),
    "none that only changes": (rows("qwen-image\nqwen-image-edit\nflux-fill"), "qwen-image"),
    "another family": (rows("llama-3\nstabilityai/stable-diffusion-xl-base-1.0"), None),
    "said by the service": ([{"id": "x"}, {"id": "aurora", "type": "image"}], "aurora"),
    "none": (rows("gpt-5\nwhisper-1\nsora-2"), ""),
}


@pytest.mark.parametrize("case", PAINTERS)
def test_the_newest_model_that_makes_pictures_makes_them(case):
    listed, name = PAINTERS[case]
    assert catalog(listed).painter == (listed[-1]["id"] if name is None else name)


# When models end.

DAY = 1_792_713_600  # 2026-10-23
DATES = [
    {"shutdown_date": "2026-10-23"},
    {"shutdown_date": "2026-10-23T00:00:00Z"},
    {"shutdown_date": "2026-10-23T02:00:00+02:00"},
    {"shutdown_date": DAY},
    {"shutdown_date": float(DAY)},
    {"shutdown_date": str(DAY)},
    {"shutdown_date": DAY * 1000},
    {"shutdownDate": "2026-10-23"},
    {"shut_down_at": "2026-10-23 00:00:00"},
    {"deprecation_date": "2026-10-23"},
    {"deprecation": "2026-10-23T00:00:00Z"},
    {"retirement_date": "2026-10-23"},
    {"retires_at": "2026-10-23"},
    {"expires_at": DAY},
    {"expiration_date": "2026-10-23"},
    {"sunset_date": "2026-10-23"},
    {"end_of_life": "2026-10-23"},
    {"eol_date": "2026-10-23"},
    {"deprecation": {"inference": DAY, "fine_tune": DAY - 99}},
    {"deprecation": {"shutdown_date": "2026-10-23"}},
    {"deprecated_at": "2026-01-01", "shutdown_date": "2026-10-23"},
]
NO_DATES = [None, "", "soon", True, False, 0, -1, [], {}, "9" * 400, 1e300, "2026-13-45", "never"]


@pytest.mark.parametrize("fields", DATES)
@pytest.mark.row("O-123")
def test_when_a_model_ends_is_read_however_it_is_said(fields):
    (model,) = read_models(json.dumps([{"id": "x", **fields}]).encode())
    assert model.ends_at == DAY


@pytest.mark.parametrize("value", NO_DATES)
@pytest.mark.parametrize("field", ["shutdown_date", "deprecation", "created"])
def test_what_is_no_date_is_none(field, value):
    (model,) = read_models(json.dumps([{"id": "x", field: value}]).encode())
    assert (model.ends_at, model.created) == (None, None)

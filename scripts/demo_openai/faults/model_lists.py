"""Faults: lists of models, only as --fault."""

from __future__ import annotations

import time

from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import HTML, Fault, hang, refuse
from scripts.demo_openai.json_bodies import error_body
from scripts.demo_openai.models_api import MODELS, model_row


async def many_models(x: Exchange) -> None:
    kinds = ["text-embedding", "whisper", "tts", "davinci", "omni-moderation", "gpt"]
    names = [f"{kinds[i % 6]}-{i:04}" for i in range(2000)]
    x.send(200, {"object": "list", "data": [model_row(name) for name in names]})


async def thousands_of_models(x: Exchange) -> None:
    names = [f"vendor-{i % 50}/model-{i:04}" for i in range(3000)]
    x.send(200, {"object": "list", "data": [model_row(name) for name in [*MODELS, *names]]})


async def ending_models(x: Exchange) -> None:
    """List the usual ones, with one that has ended and one that ends in 30 days."""
    now = int(time.time())
    ends = {"parlor-demo-mini": now - 86_400, "parlor-demo-thinking": now + 30 * 86_400}
    rows = [{**model_row(name), "shutdown_date": ends.get(name)} for name in MODELS]
    x.send(200, {"object": "list", "data": rows})


MODEL_LISTS: dict[str, Fault] = {
    "models-html": Fault("a page of HTML", refuse(200, HTML, "text/html"), "models"),
    "models-empty": Fault("an empty list", refuse(200, {"object": "list", "data": []}), "models"),
    "models-huge": Fault("2,000 models, few of which can chat", many_models, "models"),
    "models-3000": Fault("3,000 models that can chat", thousands_of_models, "models"),
    "models-ending": Fault(
        "a model that has ended, and one that ends in 30 days", ending_models, "models"
    ),
    "models-401": Fault(
        "401", refuse(401, error_body("Incorrect API key.", "invalid_api_key")), "models"
    ),
    "models-null": Fault(
        "null as the list", refuse(200, {"object": "list", "data": None}), "models"
    ),
    "models-silent": Fault("never answers", hang, "models"),
}

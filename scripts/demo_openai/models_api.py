"""The list of models."""

from __future__ import annotations

from typing import Any

from scripts.demo_openai.exchange import DEFAULT_MODEL, Exchange

MODELS = [DEFAULT_MODEL, "parlor-demo-mini", "parlor-demo-thinking", "parlor-demo-image"]


async def list_models(x: Exchange) -> None:
    x.send(200, {"object": "list", "data": [model_row(name) for name in MODELS]})


def model_row(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "parlor"}

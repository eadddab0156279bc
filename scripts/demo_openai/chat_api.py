"""Chat completions: the usual answer, and the steps that answers are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from scripts.demo_openai.answers import compose
from scripts.demo_openai.answers.texts import THOUGHTS, split_words
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.json_bodies import error_body
from scripts.demo_openai.messages import count_tokens, pictures_of, text_of

Act = Callable[[Exchange], Awaitable[None]]
Step = str | bytes | float | Callable[[Exchange], Awaitable[None]]


def check_chat(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the error of a chat request that cannot be served."""
    messages = data.get("messages")
    if not isinstance(messages, list) or not messages:
        return error_body("Missing required parameter: 'messages'.", None, "messages")
    if not all(isinstance(message, dict) for message in messages):
        return error_body("Invalid type for 'messages'.", "invalid_type", "messages")
    return None


async def chat(x: Exchange) -> None:
    """Answer as the demo model does."""
    if x.model == "parlor-demo-image":
        x.send(404, error_body("This is not a chat model.", param="model"))
        return
    pieces = split_words(compose(x.messages, x.model))
    limit = x.data.get("max_completion_tokens") or x.data.get("max_tokens")
    cut = isinstance(limit, int) and 0 < limit < len(pieces)
    await first(x)
    if x.model == "parlor-demo-thinking":
        await x.say(split_words(THOUGHTS), "reasoning_content")
    await x.say(pieces[:limit] if cut else pieces)
    await play(x, [finish("length" if cut else "stop"), usage, done, end])


async def play(x: Exchange, steps: Iterable[Step]) -> None:
    """Carry out steps: a text is a piece, bytes go as they are, a number is a pause in seconds."""
    for step in steps:
        if isinstance(step, str):
            await x.say([step])
        elif isinstance(step, bytes):
            if x.streamed:
                x.write(step)
        elif isinstance(step, (int, float)):
            await x.pause(step)
        else:
            await step(x)


async def first(x: Exchange) -> None:
    x.delta({"role": "assistant", "content": ""})


def send_delta(finish: str | None = None, **fields: object) -> Act:
    """Return a step that sends these fields of the message."""

    async def step(x: Exchange) -> None:
        x.delta(fields, finish)

    return step


def finish(reason: str) -> Act:
    return send_delta(reason)


async def usage(x: Exchange) -> None:
    x.usage = usage_of(x)
    options = x.data.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage"):
        x.chunk(choices=[], usage=x.usage)


def usage_of(x: Exchange) -> dict[str, Any]:
    prompt = 3 + sum(4 + count_tokens(text_of(message)) for message in x.messages)
    prompt += 765 * sum(len(pictures_of(message)) for message in x.messages)
    done = x.record.pieces
    return {"prompt_tokens": prompt, "completion_tokens": done, "total_tokens": prompt + done}


async def done(x: Exchange) -> None:
    if x.streamed:
        x.write(b"data: [DONE]\n\n")


async def end(x: Exchange) -> None:
    x.end()


GOOD_END: tuple[Step, ...] = (finish("stop"), usage, done, end)

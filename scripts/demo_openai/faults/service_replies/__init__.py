"""Replies of services in use that differ from OpenAI's, as data."""

from scripts.demo_openai.chat_api import Act
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import Fault
from scripts.demo_openai.faults.service_replies.chunks import Answer, Event
from scripts.demo_openai.faults.service_replies.embedded_pictures import EMBEDDED
from scripts.demo_openai.faults.service_replies.finish_reasons import ENDS
from scripts.demo_openai.faults.service_replies.reasoning_marks import REASONING_MARKS
from scripts.demo_openai.faults.service_replies.shapes import SHAPES

ANSWERS = {**SHAPES, **ENDS, **REASONING_MARKS, **EMBEDDED}


def answering(answer: Answer) -> Act:
    """Return a fault that answers with these data."""

    async def act(x: Exchange) -> None:
        if answer.body is not None:
            x.send(200, answer.body, answer.kind)
            return
        for event in answer.events:
            await send(x, event)
        x.end()

    return act


async def send(x: Exchange, event: Event) -> None:
    """Send one event; where no stream was asked for, add its message to the one body."""
    x.record.pieces += 1
    if isinstance(event, bytes):
        x.write(event) if x.streamed else None
    elif x.streamed:
        x.chunk(**event)
        await x.rest(x.server.pace)
    elif choices := event.get("choices"):
        x.take(choices[0])


SERVICE_REPLIES = {name: Fault(each.about, answering(each)) for name, each in ANSWERS.items()}

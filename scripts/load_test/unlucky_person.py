"""People with bad luck: their models have faults, and they leave, stop and ask again."""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from load_test.requests import ask, fetch, get, load_page, post, read_all, stream_of

GOOD = ["parlor-demo", "parlor-demo-mini", "parlor-demo-thinking"]
FAULTS = [
    *("500", "500-twice", "502-html", "429-bare", "quota", "context", "policy", "401-key", "close"),
    *("cut", "reset", "no-finish", "broken-json", "error-in-stream", "error-first", "stall"),
    *("empty-choices", "odd-chunks", "pause", "no-usage"),
]
MODELS = GOOD + [f"fault-{name}" for name in FAULTS]
PAGES = ["/chat/", "/chat/search/?q=demo", "/chat/usage/", "/gallery/", "/chat/new/"]
PATIENCE = 30  # Seconds that a page may take.


@dataclass
class Tally:
    """What people have done, and the megabytes of the server meanwhile."""

    done: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class UnluckyPerson:
    """Somebody with a session, and no patience."""

    def __init__(self, port: int, session: str, tally: Tally) -> None:
        self.port, self.session, self.tally = port, session, tally
        self.luck = random.Random(session)

    async def live(self) -> None:
        while not self.tally.is_over.is_set():
            try:
                await asyncio.wait_for(self.act(), PATIENCE * 3)
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.tally.done[f"not answered: {type(error).__name__}"] += 1
                await asyncio.sleep(1)

    async def act(self) -> None:
        if self.luck.random() < 0.2:
            await load_page(self.port, self.luck.choice(PAGES), self.session)
            self.tally.done["pages"] += 1
            return
        is_good = self.luck.random() < 0.67
        model = self.luck.choice(GOOD if is_good else MODELS[len(GOOD) :])
        page = checked(await ask(self.port, self.session, f"message=A+list,+please&model={model}"))
        if reply := re.search(r"/chat/messages/(\d+)/stream/", page):
            self.tally.done["replies"] += 1
            await self.follow(stream_of(page), int(reply[1]))

    async def follow(self, stream: str, reply: int) -> None:
        whim = self.luck.random()
        if whim < 0.1:
            return  # The tab is closed.
        if whim < 0.2:
            await asyncio.sleep(self.luck.random())
            await self.post(f"/chat/messages/{reply}/stop/")
            self.tally.done["stops"] += 1
            return
        await self.read(stream)
        if whim < 0.3:
            await self.post(f"/chat/messages/{reply}/again/")
            self.tally.done["regenerated"] += 1

    async def post(self, path: str, body: str = "") -> str:
        return checked((await read_all(self.port, post(path, self.session, body))).decode())

    async def read(self, stream: str) -> None:
        reader, writer = await fetch(self.port, get(stream, self.session))
        seen = b""
        while b"event: done" not in seen:
            read = await reader.read(1 << 16)
            if not read:
                break  # The process was killed; a page would come back.
            seen = seen[-100:] + read
        writer.close()


def checked(response: str) -> str:
    """Return the response; raise ValueError if it is an error of the server, or nothing."""
    status = response.split(" ", 2)[1] if response else "nothing"
    if status >= "500":
        raise ValueError(response[:500])
    return response

"""A model that says what the test says, when the test says it: replies grow step by step."""

import asyncio

from scripts.demo_openai.chat_api import GOOD_END, chat, first, play
from tests.live_server import wait_until

FAULT = "speaker"


class Speaker:
    """Answer the requests of a demo server; hand over pieces of text with say() and end()."""

    def __init__(self, demo):
        self.demo = demo
        self._mouth = None  # Loop and queue of the request that is being answered.

    async def answer(self, x):
        if not x.streamed:
            await chat(x)
            return
        self._mouth = mouth = asyncio.get_running_loop(), asyncio.Queue()
        try:
            await first(x)
            while (text := await mouth[1].get()) is not None:
                x.piece(text)
                await x.rest(0)
            await play(x, GOOD_END)
        finally:
            if self._mouth is mouth:
                self._mouth = None

    def say(self, text):
        """Send the text as soon as the model has been asked."""
        loop, queue = self._asked()
        loop.call_soon_threadsafe(queue.put_nowait, text)

    def end(self, text=""):
        """Send the last text, and end the reply properly."""
        if text:
            self.say(text)
        ending = self._asked()  # Another may follow at once: the reply's title is asked for.
        self.say(None)
        wait_until(lambda: self._mouth is not ending)

    def wait_for_hang_up(self):
        """Wait until the client has closed the connection in the middle of the reply."""
        self.demo.wait_for(lambda requests: "client closed" in [one["ended"] for one in requests])

    def _asked(self):
        return wait_until(lambda: self._mouth, lambda: "The model was not asked.")

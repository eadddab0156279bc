"""Faults: answers of unusual size and pace."""

from __future__ import annotations

from scripts.demo_openai.answers.texts import SENTENCES, split_words
from scripts.demo_openai.chat_api import GOOD_END, first, play
from scripts.demo_openai.exchange import Exchange
from scripts.demo_openai.faults.acts import Fault, hang


def big_text(size: int) -> str:
    """Return so many characters, in numbered lines and paragraphs."""
    lines = [
        f"Line {i:06} of a big answer.\n{'' if i % 10 else chr(10)}" for i in range(size // 28)
    ]
    return "".join(lines)[:size].ljust(size, ".")


async def one_big(x: Exchange) -> None:
    await play(x, [first, big_text(1024 * 1024), *GOOD_END])


async def ten_megabytes(x: Exchange) -> None:
    block = big_text(64 * 1024)
    await play(x, [first, *[block] * 160, *GOOD_END])


async def fast(x: Exchange) -> None:
    letters = "abcdefghi " * 7 + "abcdefghi\n"
    await first(x)
    for i in range(20_000):
        x.piece(letters[i % len(letters)])
        if i % 100 == 0:
            await x.rest(0)
    await play(x, GOOD_END)


async def endless(x: Exchange) -> None:
    if not x.streamed:
        await hang(x)
    await first(x)
    while True:
        for sentence in SENTENCES:
            await x.say(split_words(sentence + " "))
            await x.rest(0)


async def slow(x: Exchange) -> None:
    await first(x)
    for letter in SENTENCES[0][:60]:
        x.piece(letter)
        await x.pause(1)
    await play(x, GOOD_END)


SIZES: dict[str, Fault] = {
    "one-big": Fault("one chunk of 1 MB", one_big),
    "10mb": Fault("10 MB in chunks of 64 KB", ten_megabytes),
    "fast": Fault("20,000 chunks of one letter at full speed", fast),
    "endless": Fault("words for ever, at the usual pace", endless),
    "slow": Fault("one letter a second (times --scale), 60 of them", slow),
}

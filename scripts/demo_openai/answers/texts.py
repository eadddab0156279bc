"""Prepared texts."""

from __future__ import annotations

import re

INTRO = "I am **Parlor's demo model, not an AI**: everything I say was written beforehand."
CONNECT = (
    "### Connecting a real model\n\n"
    "Set `OPENAI_API_KEY` to your key, or `OPENAI_BASE_URL` to the address of any server that"
    " speaks the OpenAI API, in the file `.env`, and start Parlor again."
)
FEATURES = """\
### What Parlor shows

- **bold**, *italic*, ~~crossed out~~ and `code`
- [links](https://example.org/), which open safely
- lists
  1. in any depth
  2. and in any order"""
TABLE = """\
| Part | What it does | Size |
| :--- | :----------- | ---: |
| Django | renders the page | 1 |
| htmx | swaps its fragments | 4 |
| You | ask the questions | 1 |"""
CODE = '''\
```python
def fibonacci(count: int) -> list[int]:
    """Return the first numbers of Fibonacci's sequence."""
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]


print(fibonacci(10))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
```'''
MORE_CODE = """\
The same in a shell:

```sh
a=0; b=1
for i in $(seq 10); do echo "$a"; c=$((a + b)); a=$b; b=$c; done
```"""
MATHS = r"""
Euler wrote $e^{i\pi} + 1 = 0$, and Gauss knew that

$$\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}$$"""
MORE_MATHS = r"""
A quadratic equation $ax^2 + bx + c = 0$ with $a \ne 0$ is solved by

$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$"""
THOUGHTS = (
    "I should say that I am a demo. Then I quote the question, pick a prepared text that fits it, "
    "and tell how to connect a real model."
)
SENTENCES = [
    "A parlor is a room for talking, and this one has a window to a machine.",
    "What you type is stored before anything else happens to it.",
    "The page is made of plain HTML, and small pieces of it are swapped as the words arrive.",
    "Close the tab if you like; the reply goes on without you and waits until you are back.",
    "A keyboard is enough for everything here.",
    "With scripts switched off the words still come one by one.",
    "Every paragraph of this text is as meaningful as the one before it.",
    "A real model would have something to say about your question.",
]


def long_answer(opening: str, count: int) -> str:
    """Return an answer of about `count` words, in sections and paragraphs."""
    parts, words = [opening], len(opening.split())
    while words < count:
        number = len(parts)
        start = f"## Part {number // 4 + 1}\n\n" if number % 4 == 1 else ""
        turn = [SENTENCES[(number * 3 + i) % len(SENTENCES)] for i in range(5)]
        paragraph = " ".join(" ".join(turn).split()[: count - words])
        parts.append(start + paragraph)
        words += len(parts[-1].split())
    return "\n\n".join(parts)


def split_words(text: str) -> list[str]:
    """Cut a text into pieces of a word each, losing nothing."""
    return re.findall(r"\s*\S+|\s+", text)

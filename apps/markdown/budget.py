"""How much of a reply is laid out: what was made to be dear is shown as it is."""

from collections.abc import Sequence

from apps.markdown.block_splitter import LONGEST_BLOCK, Kind
from apps.markdown.parser import Block

# So many tokens, each of some 15 µs, and one more for so many characters: a megabyte that people
# or models write has fewer, a megabyte of headings of one letter has ten times as many.
MOST_TOKENS = 40_000
CHARS_PER_TOKEN = 5


class Budget:
    """What of one reply has been laid out."""

    def __init__(self) -> None:
        self._tokens = 0
        self._chars = 0

    def has_room(self, lines: Sequence[str], kind: Kind) -> bool:
        """Return whether a chunk of these lines may be read as Markdown."""
        size = sum(map(len, lines))
        self._chars += size
        if self._tokens > MOST_TOKENS + self._chars // CHARS_PER_TOKEN:
            return False
        return not _is_too_costly(lines, kind, size)

    def spend(self, block: Block) -> None:
        self._tokens += sum(1 + len(token.children or ()) for token in block.tokens)


def _is_too_costly(lines: Sequence[str], kind: Kind, size: int) -> bool:
    """Return whether markdown-it would need so long for the chunk that others wait."""
    if kind in (Kind.FENCE, Kind.CODE):
        return False
    brackets = sum(line.count("[") for line in lines)  # Each may begin a link.
    longest = LONGEST_BLOCK * (2 if kind is Kind.LIST else 1)
    return size > longest or brackets > max(100, size / 4)

"""Model text becomes HTML here, and nowhere else.

Append-only: each top-level block is rendered once, as soon as it is complete, and never again;
what is not complete yet is shown as text, which a style sheet hides as soon as a block follows it.
What that costs Markdown: while a reply grows, a definition of a link (`[label]: https://…`) works
from its own block on. In the final form it works everywhere; a footnote stands where it is defined.
"""

import re
from html import escape

from apps.markdown import html_writer
from apps.markdown.block_splitter import Blocks, Kind
from apps.markdown.budget import Budget
from apps.markdown.parser import Block, Reply, TooDeep, find_blocks, read
from apps.markdown.rules.details import MARKS, Folds, literal
from apps.markdown.rules.details_tags import CLOSE, OPEN

_CONTAINERS = {
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "note_open": Kind.NOTE,
    "code_block": Kind.CODE,
}
_UNCLEAN = re.compile("[\r\0\ud800-\udfff]")
_BLANK = " \t\n"


def render_markdown(text: str, prefix: str = "") -> str:
    """Render a whole reply: what a StreamRenderer leaves to be seen, with all references resolved.

    `prefix` begins the ids of its footnotes, so that they are unique on the page.
    """
    renderer = StreamRenderer(prefix)
    renderer.take(text)
    return renderer.whole()


def render_plain(text: str) -> str:
    """Render a person's own words: as they are, with line breaks and links, without Markdown."""
    return html_writer.write_person(_clean(text))


NOTHING = '<div class="block"></div>'  # In the place of what is not shown, like a comment.


class StreamRenderer:
    """Render a reply while it arrives; a page shows all that was returned, one after another.

    A complete block is a `<div class="block">`, a piece of what is not complete a
    `<span class="tail">`, the first piece of it `<span class="tail tail--first">`. Both replace all
    pieces before them, so a style sheet hides these. Pieces of fenced code are `tail--code`; the
    first follows as soon as the line of the fence has ended, in the place of that line.
    """

    def __init__(self, prefix: str = "") -> None:
        self._reply = Reply(prefix)
        self._budget = Budget()
        self._blocks = Blocks(self._complete)
        self._line: list[str] = []  # Pieces of the line that has not ended.
        self._line_has_words = False
        self._carriage_return = ""  # Held back, for a line feed may follow.
        self._is_undecided = True  # The line's further text may tell that it ends the block.
        self._has_tail = False  # Text of the open block is on the page,
        self._is_code = False  # as code.
        self._text: list[str] = []
        self._folds = Folds()
        self._html: list[str] = []  # Blocks.
        self._fresh: list[str] = []  # What has not been returned yet: blocks, and drafts of them.
        self._is_cut = False  # The open block is another than when feed() returned.
        self._is_skipping = False
        self._is_finishing = False

    def feed(self, text: str) -> str:
        """Return the HTML to append for this further text."""
        text = self.take(text)
        tail = self._tail(text)
        return self._drain() + tail if self._fresh else tail

    def skip(self, text: str) -> None:
        """Take text that the page shows already."""
        self._is_skipping = True
        self.feed(text)
        self._is_skipping = False

    def finish(self) -> str:
        """Return the HTML to append when the text has ended."""
        line = "".join(self._line)
        if line or self._carriage_return:
            self._blocks.take(line)
        self._line = []
        self._carriage_return = ""
        self._is_finishing = True
        self._blocks.give_up()
        if self._blocks.lines:
            self._blocks.cut()
        while self._folds:
            self._end_fold()
        return self._drain()

    def whole(self) -> str:
        """End the text, of which nothing was skipped; return the HTML of all of it.

        It is another than what was sent where a block refers to one after it.
        """
        self.finish()
        if not self._reply.looks_ahead:
            return "".join(self._html)
        again = StreamRenderer()
        again._reply = self._reply.begin_again()
        again.take("".join(self._text))
        again.finish()
        return "".join(again._html)

    def take(self, text: str) -> str:
        """Render what the text completes; return the text in the form in which it was taken."""
        self._text.append(text)
        text = self._with_line_feeds(text)
        head, *lines = text.split("\n")
        self._line.append(head)
        for line in lines:
            self._blocks.take("".join(self._line))
            self._line = [line]
        has_words = bool(self._line[-1].strip(_BLANK))
        self._line_has_words = has_words or (self._line_has_words and not lines)
        if lines or self._is_undecided:
            self._look_ahead()
        return text

    def _look_ahead(self) -> None:
        """End the open block as soon as the next line's beginning tells, so that it shows early."""
        beginning = "".join(self._line)
        while self._blocks.is_ended_by(beginning):
            self._blocks.cut()
        self._is_undecided = self._blocks.waits and len(beginning) < 12

    def _tail(self, text: str) -> str:
        was_cut, self._is_cut = self._is_cut, False
        if was_cut:
            self._has_tail = self._is_code = False
        begins_code = not self._is_code and self._has_code()
        is_first = begins_code or not self._has_tail
        if begins_code:
            self._is_code, text = True, self._open_text(1)
        elif is_first and (was_cut or text.strip(_BLANK)):
            text = self._open_text()
        self._has_tail = self._has_tail or bool(text.strip(_BLANK))
        if not self._has_tail or not text or self._is_skipping:
            return ""
        classes = "tail" + " tail--first" * is_first + " tail--code" * self._is_code
        return f'<span class="{classes}">{escape(text, quote=False)}</span>'

    def _has_code(self) -> bool:
        blocks = self._blocks
        return blocks.has_code or (blocks.are_fenced and self._line_has_words)

    def _open_text(self, first_line: int = 0) -> str:
        return "\n".join([*self._blocks.lines[first_line:], "".join(self._line)])

    def _drain(self) -> str:
        html = "".join(self._fresh)
        self._fresh = []
        return html

    def _complete(self, lines: list[str], kind: Kind) -> tuple[int, Kind] | None:
        if not self._budget.has_room(lines, kind):
            self._show_plain(lines)
            return None
        try:
            blocks = find_blocks(lines, self._reply)
        except TooDeep:
            self._show_plain(lines)
            return None
        kept = None if self._is_finishing or not blocks else _open_end(blocks[-1], kind)
        self._is_cut = self._is_cut or not kept or len(blocks) > 1
        self._show(blocks[:-1] if kept else blocks)
        if not blocks and self._has_tail and not self._is_skipping:
            self._fresh.append(NOTHING)
        return kept

    def _show(self, blocks: list[Block]) -> None:
        if self._folds or any(block.type in MARKS for block in blocks):
            for block in blocks:
                self._show_in_fold(block)
        elif blocks:
            self._write(blocks)

    def _write(self, blocks: list[Block]) -> None:
        for block in blocks:
            read(block.tokens, self._reply)
            self._budget.spend(block)
        if self._folds or not self._is_skipping:
            self._add(html_writer.write_blocks(blocks, self._reply))

    def _show_in_fold(self, block: Block) -> None:
        if block.type not in MARKS:
            self._write([block])
        elif not self._folds.takes(block.type):
            self._write([block._replace(tokens=literal(block.tokens))])
        elif block.type == OPEN:
            self._folds.begin()
        elif block.type == CLOSE:
            self._end_fold()
        else:
            read(block.tokens, self._reply)
            self._add(html_writer.write_summary(block, self._reply))

    def _end_fold(self) -> None:
        if html := self._folds.end():
            self._add(html)

    def _show_plain(self, lines: list[str]) -> None:
        self._is_cut = True
        if self._folds or not self._is_skipping:
            self._add(html_writer.write_plain("\n".join(lines).rstrip(_BLANK)))

    def _add(self, html: str) -> None:
        """Add a block to those that are shown, or to the fold that it stands in."""
        if self._folds:
            self._folds.add(html)
            html = html_writer.as_draft(html)
        else:
            self._html.append(html)
        if not self._is_skipping:
            self._fresh.append(html)

    def _with_line_feeds(self, text: str) -> str:
        if not self._carriage_return and not _UNCLEAN.search(text):
            return text
        text = self._carriage_return + text
        self._carriage_return = "\r" if text.endswith("\r") else ""
        return _clean(text.removesuffix("\r"))


def _open_end(block: Block, kind: Kind) -> tuple[int, Kind] | None:
    """Return whether the chunk's last block is open, though a chunk of this kind would not be."""
    if block.is_open_fence:
        return block.start, Kind.FENCE
    actual = _CONTAINERS.get(block.type, Kind.TEXT)
    return None if actual in (Kind.TEXT, kind) else (block.start, actual)


def _clean(text: str) -> str:
    """Leave only line feeds at the ends of lines, and only characters that UTF-8 can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode()

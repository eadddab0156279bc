"""A process of its own that turns pages into a PDF: `python -m …pdf_worker style.css …`.

It reads HTML documents from standard input, each after a line with its number of bytes, and writes
one PDF of all their pages. WeasyPrint takes seconds, holds the interpreter and keeps its memory: a
server must not. Nothing is fetched and no file is read but the style sheets: pictures have to be in
the HTML, as `data:` addresses.
"""

import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

from apps.chat.transfers.exports import pdf_fitting

NO_PANGO = 3  # The exit status where the system's library is missing.

_MEMORY = 2 * 1024**3  # Bytes of address space.
_DOCUMENT_SECONDS = 180
_DIRECTIONS = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    os.nice(10)  # Replies that are being written go first.
    try:
        import weasyprint  # It opens Pango.
    except OSError:
        sys.exit(NO_PANGO)
    gc.disable()  # A fifth of the time, for nothing: what a document leaves goes with it.
    fetcher = weasyprint.URLFetcher(allowed_protocols=["data"])
    styles = [weasyprint.CSS(string=Path(name).read_text()) for name in sys.argv[1:]]
    files: list[bytes] = []
    pages = 0
    for html in _documents():
        signal.alarm(_DOCUMENT_SECONDS)  # Its signal ends the process.
        document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="data:,")
        numbered = weasyprint.CSS(string=f"@page :first {{ counter-reset: page {pages + 1} }}")
        _give_directions(document.etree_element)
        pdf_fitting.fit(document.etree_element)
        # Of these hints, the numbers of lists are all that there is.
        rendered = document.render(stylesheets=[*styles, numbered], presentational_hints=True)
        pages += len(rendered.pages)
        files.append(rendered.write_pdf())
        del document, rendered
        gc.collect()
    sys.stdout.buffer.write(_joined(files) if len(files) > 1 else files[0])


def _documents() -> Iterator[str]:
    while line := sys.stdin.buffer.readline():
        yield sys.stdin.buffer.read(int(line)).decode()


def _give_directions(page: Any) -> None:
    """Find out what `dir="auto"` comes to: WeasyPrint does not know it."""
    for element in page.iter():
        if element.get("dir") == "auto":
            strong = filter(None, map(_DIRECTIONS.get, map(bidirectional, _text(element))))
            element.set("dir", next(strong, "ltr"))


def _text(element: Any) -> Iterator[str]:
    return chain.from_iterable(element.itertext())


def _joined(files: list[bytes]) -> bytes:
    from pypdf import PdfWriter

    writer: Any = PdfWriter()
    for file in files:
        writer.append(BytesIO(file))
    joined = BytesIO()
    writer.write(joined)
    return joined.getvalue()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # Its words may be somebody's; the log gets only the place.
        traceback.print_tb(error.__traceback__)
        sys.exit(f"{type(error).__name__} while a PDF was made")

"""Print the text of the PDF on standard input, as JSON; a program of its own.

A hostile PDF can keep its reader busy for ever, or eat all memory. So this runs apart, knows no
settings, and sets its own limits before it reads a byte; whoever starts it also watches the clock.
"""

import json
import logging
import os
import resource
import sys
import time
from io import BytesIO
from typing import Any

MEMORY = 600 * 1024 * 1024  # Bytes of address space, the interpreter included.
PASSWORD, DAMAGED = "password", "damaged"


def main(most_pages: int, most_chars: int, seconds: int) -> dict[str, Any]:
    until = time.monotonic() + seconds / 2  # What it has then is better than nothing.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(10)  # Replies that are being written go first.
    logging.disable()  # pypdf says what is odd about a file.
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(sys.stdin.buffer.read()))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": PASSWORD}
        return read(reader, most_pages, most_chars, until)
    except Exception:  # Whatever it trips over is the file's fault.
        return {"error": DAMAGED}


def read(reader: Any, most_pages: int, most_chars: int, until: float) -> dict[str, Any]:
    """Return the text of the first pages; pages that cannot be read are left out."""
    pages, texts, chars = len(reader.pages), [], 0
    for number in range(min(pages, most_pages)):
        if chars > most_chars or time.monotonic() > until:
            break
        try:
            texts.append(reader.pages[number].extract_text())
        except Exception:
            texts.append("")
        chars += len(texts[-1])
    text = "\n\n".join(texts)[:most_chars]
    return {"text": text, "pages": pages, "pages_read": len(texts)}


if __name__ == "__main__":
    result = main(*map(int, sys.argv[1:]))
    sys.stdout.write(json.dumps(result))  # In ASCII, lone surrogates included.

"""The few words in a reply's HTML that are Parlor's, in the language of the page.

The HTML of a reply is kept, and sent to all who follow it, so it is written in English.
"""

import re

from django.utils.translation import gettext

# Each place begins with a tag that the renderer writes; text cannot hold one.
_PLACE = re.compile(
    '(<p class="alert__title" dir="auto">|<span class="visually-hidden">'
    '|<div class="(?:table|maths)" tabindex="0" role="group" aria-label=")'
    '([A-Z][A-Za-z :]*)(?=[<"])'
)


def in_page_language(html: str) -> str:
    if not _PLACE.search(html):
        return html
    words = _words()
    return _PLACE.sub(lambda place: place[1] + words.get(place[2], place[2]), html)


def _words() -> dict[str, str]:
    return {
        "Note": gettext("Note"),
        "Tip": gettext("Tip"),
        "Important": gettext("Important"),
        "Warning": gettext("Warning"),
        "Caution": gettext("Caution"),
        "Done:": gettext("Done:"),
        "To do:": gettext("To do:"),
        "Table": gettext("Table"),
        "Formula": gettext("Formula"),
    }

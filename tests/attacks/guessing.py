"""Attack: guess the password of one account from many addresses.

By hand: `python -m tests.attacks.guessing http://127.0.0.1:PORT NAME PASSWORD`, with the right
password of the account and TRUSTED_PROXIES=1 at the server, so that each request can come from an
address of its own. It prints how many guesses were looked at, and whether the owner's own browser,
which logs in before, still does so while the attack goes on, and in what time.
"""

import http.cookiejar
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable

LOGIN = "/users/login/"


def guess(post: Callable[[str, str], int], addresses: list[str]) -> Counter[int]:
    """Try a password from each address; return how often which status answered."""
    return Counter(post(f"guess-{n}", address) for n, address in enumerate(addresses))


def addresses(count: int) -> list[str]:
    """Return as many addresses, half of them in networks of IPv6 of their own."""
    return [f"2001:db8:{n:x}::1" if n % 2 else f"198.51.{n // 250}.{n % 250}" for n in range(count)]


class Browser:
    def __init__(self, base: str) -> None:
        self.base = base
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def open(self, path: str, fields: dict[str, str] | None = None, address: str = "") -> int:
        data = urllib.parse.urlencode(fields).encode() if fields else None
        headers = {"Referer": self.base + path}
        if address:
            headers["X-Forwarded-For"] = address
        request = urllib.request.Request(self.base + path, data, headers)
        try:
            with self.opener.open(request, timeout=60) as answer:
                self.page = answer.read().decode()
                self.address = answer.url
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def log_in(self, name: str, password: str, address: str = "") -> int:
        self.open(LOGIN)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        fields = {"username": name, "password": password, "remember": "on"}
        return self.open(
            LOGIN, {**fields, "csrfmiddlewaretoken": token[1] if token else ""}, address
        )

    def log_out(self) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        self.open("/users/logout/", {"csrfmiddlewaretoken": token[1] if token else ""})


def main() -> None:
    base, name, password = sys.argv[1:4]
    owner, stranger = Browser(base), Browser(base)

    def log_in_and_out(moment: str) -> None:
        started = time.perf_counter()
        status = owner.log_in(name, password, "203.0.113.5")
        print(f"owner, {moment}: {status} {time.perf_counter() - started:.2f} s, {owner.address}")
        owner.open("/users/logout/")
        owner.log_out()

    log_in_and_out("quiet")
    answers = guess(lambda each, at: stranger.log_in(name, each, at), addresses(200))
    print(f"guesses: {dict(answers)}; 422 was looked at, 429 was not")
    log_in_and_out("attacked")


if __name__ == "__main__":
    main()

"""The environment and `.env`, checked against the table of settings before anything starts."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from io import StringIO
from typing import Any, Literal, NoReturn, get_args, get_origin

import environ
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from site_config.setting_table import SettingTable
from site_config.setting_types.kinds import BASE_DIR, KEY_CHARS, Allowed

DOT_ENV = BASE_DIR / ".env"
CLOSENESS = 0.82  # Of difflib: OPENAI_KEY is meant for us, PGHOST and REDIS_PORT are not.
# Names like ours that the openai package, other clients of the service, and our tests use.
OTHERS = ("OPENAI_ADMIN_KEY", "OPENAI_API_TYPE", "OPENAI_API_VERSION", "TEST_DATABASE_URL")
EXIT_CODE = 3  # gunicorn's WORKER_BOOT_ERROR: one that ends so is not started again.

FAULTS = {
    "missing": "is not set",
    "bool_parsing": "is neither true nor false",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "float_parsing": "is no number",
    "decimal_parsing": "is no number",
    "finite_number": "is no number",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "string_too_short": "is empty",
    "string_too_long": "is too long",
    "literal_error": "is not known",
    "json_invalid": "is no JSON",
    "dict_type": "is no JSON object",
}
KINDS = {bool: "true or false", int: "a whole number", float: "a number", Decimal: "a number"}
BOUNDS = {"gt": "more than", "ge": "at least", "le": "at most"}


@cache
def read() -> SettingTable:
    """Return the settings; end the process with a line for each fault if there are any."""
    text = _dot_env()
    # It would quote a line that it cannot read, of SECRET_KEY perhaps.
    logging.getLogger("environ.environ").setLevel(logging.ERROR)
    environ.Env.read_env(StringIO(text))  # Real environment variables win.
    settings, lines = check(dict(os.environ), text)
    if settings and not lines:
        return settings
    stop(lines)


def _dot_env() -> str:
    try:
        return DOT_ENV.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        stop([f"{DOT_ENV} is no text in UTF-8."])
    except OSError as error:
        if "SECRET_KEY" in os.environ:
            return ""  # All may come from the unit.
        stop([f"{DOT_ENV} cannot be read: {error.strerror}."])


def stop(lines: list[str]) -> NoReturn:
    """End the process with these lines."""
    text = "\n".join(["Parlor does not start, for its settings are wrong:", *lines])
    sys.stderr.write(f"{text}\n")
    sys.exit(EXIT_CODE)


def check(environment: dict[str, str], dot_env: str = "") -> tuple[SettingTable | None, list[str]]:
    """Return the settings, if all values can be read, and a line for each fault."""
    given = {name: environment[name] for name in SettingTable.model_fields if name in environment}
    lines = [*_skipped_lines(dot_env), *_mistaken_names(environment)]
    try:
        return SettingTable.model_validate(given), lines
    except ValidationError as error:
        return None, [*map(_line, error.errors()), *lines]


def weaknesses(settings: SettingTable) -> list[str]:
    """Return a line for each value with which commands may run, but which is not to be served."""
    allows = allowed(SettingTable.model_fields["SECRET_KEY"])
    if len(settings.SECRET_KEY) < KEY_CHARS:
        return [f"SECRET_KEY is too short. Allowed: {allows}."]
    if settings.SECRET_KEY.startswith("django-insecure-"):
        return [f"SECRET_KEY is one for development. Allowed: {allows}."]
    return []


def _line(error: ErrorDetails) -> str:
    """Tell the variable, its value unless that may be secret, the fault, and what is allowed."""
    if not error["loc"]:
        return str(error["ctx"]["error"])
    name = str(error["loc"][0])
    field = SettingTable.model_fields[name]
    is_shown = field.repr and error["type"] != "missing"
    fault = FAULTS.get(error["type"]) or str(error.get("ctx", {}).get("error", error["msg"]))
    return f"{name}{_shown(error['input']) if is_shown else ''} {fault}. Allowed: {allowed(field)}."


def _shown(value: Any) -> str:
    text = str(value)
    return f"={text[:60] + '…' if len(text) > 60 else text!r}"


def allowed(field: FieldInfo) -> str:
    """Return in words what a setting may be."""
    for each in field.metadata:
        if isinstance(each, Allowed):
            return each.text
    if get_origin(field.annotation) is Literal:
        return " or ".join(get_args(field.annotation))
    bounds = [
        f"{words} {getattr(each, bound):g}"
        for each in field.metadata
        for bound, words in BOUNDS.items()
        if hasattr(each, bound)
    ]
    kind = KINDS.get(field.annotation) if isinstance(field.annotation, type) else None
    return f"{kind or 'text'}{', ' if bounds else ''}{' and '.join(bounds)}"


def _mistaken_names(environment: dict[str, str]) -> Iterator[str]:
    """Yield a line for each name that is like one of ours; all others are somebody else's."""
    for name in environment.keys() - SettingTable.model_fields.keys() - set(OTHERS):
        near = get_close_matches(name.upper(), SettingTable.model_fields, 1, CLOSENESS)
        if near:
            yield f"{name} is no setting. Did you mean {near[0]}?"


def _skipped_lines(dot_env: str) -> Iterator[str]:
    """Yield a line for each in `.env` that its reader skips; it may hold a secret."""
    for number, line in enumerate(dot_env.splitlines(), 1):
        if line.strip() and not re.match(r"\s*#|(export )?[A-Za-z_0-9]+=", line):
            yield f"{DOT_ENV}, line {number} cannot be read. Allowed: NAME=value, without spaces."

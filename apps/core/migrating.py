"""What migrations need, and pages must not have."""

from django.db import connections


def lift_time_limit(using: str, **kwargs: object) -> None:
    """Let statements take the time that a large table needs; how long they wait stays limited."""
    _execute(using, "SET statement_timeout = 0")


def restore_time_limit(using: str, **kwargs: object) -> None:
    _execute(using, "RESET statement_timeout")


def _execute(using: str, statement: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(statement)

"""A cheap flush after tests whose rows are committed: only what has rows is emptied.

Django's empties every table, and then makes all content types and permissions anew, which takes
ten times as long as most of these tests.
"""

from functools import cache

from django.db import connection

# What Django makes of the models after each migration; no test changes it.
MADE_OF_THE_MODELS = {"django_content_type", "auth_permission"}


def make_cheap():
    """Let a flush by this thread's connection be such a one."""
    connection.ops.sql_flush = empty


def empty(style, tables, **options):
    """Empty the tables that have rows; return no statements, so that Django does no more."""
    with connection.cursor() as cursor:
        cursor.execute(_question(tuple(sorted({*tables} - MADE_OF_THE_MODELS))))
        filled = [name for (name,) in cursor.fetchall()]
    connection.ops.execute_sql_flush([f"DELETE FROM {_quoted(table)}" for table in filled])
    return []


@cache
def _question(tables):
    parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {_quoted(name)})" for name in tables]
    return " UNION ALL ".join(parts)


def _quoted(table):
    return connection.ops.quote_name(table)

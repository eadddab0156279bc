"""The index of the search on SQLite: two tables of FTS5, kept by triggers.

They hold words and row numbers only, no text. The triggers call
apps.chat.search.words.owned_words(), so that only connections which know it can change messages:
those of Django.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.chat.search.query import Phrase

# `ascii` leaves the words as owned_words() made them; the sizes of rows would only rank them.
_TABLE = """
CREATE VIRTUAL TABLE chat_{}_words USING fts5(words, content='', columnsize=0, tokenize='ascii')
"""

# A reply is saved each second while it is written: it is put into the index when it has ended.
_FINAL = "{0}.content <> '' AND {0}.state NOT IN ('queued', 'running')"
_NEW_FINAL, _OLD_FINAL = _FINAL.format("new"), _FINAL.format("old")

_ADD_MESSAGE = """
INSERT INTO chat_message_words (rowid, words)
SELECT new.id, owned_words(user_id, new.content)
FROM chat_conversation WHERE id = new.conversation_id;
"""
_REMOVE_MESSAGE = """
INSERT INTO chat_message_words (chat_message_words, rowid, words)
SELECT 'delete', old.id, owned_words(user_id, old.content)
FROM chat_conversation WHERE id = old.conversation_id;
"""
_ADD_TITLE = """
INSERT INTO chat_conversation_words (rowid, words)
VALUES (new.id, owned_words(new.user_id, new.title));
"""
_REMOVE_TITLE = """
INSERT INTO chat_conversation_words (chat_conversation_words, rowid, words)
VALUES ('delete', old.id, owned_words(old.user_id, old.title));
"""
_GIVE_MESSAGES = f"""
INSERT INTO chat_message_words (chat_message_words, rowid, words)
SELECT 'delete', m.id, owned_words(old.user_id, m.content)
FROM chat_message m WHERE m.conversation_id = new.id AND {_FINAL.format("m")};
INSERT INTO chat_message_words (rowid, words)
SELECT m.id, owned_words(new.user_id, m.content)
FROM chat_message m WHERE m.conversation_id = new.id AND {_FINAL.format("m")};
"""

# By name: when, on which condition, and what to do.
_TRIGGERS = {
    "words_of_message": ("AFTER INSERT ON chat_message", _NEW_FINAL, _ADD_MESSAGE),
    "words_of_message_before": (
        "AFTER UPDATE OF content, state ON chat_message",
        f"{_OLD_FINAL} AND (new.content <> old.content OR NOT ({_NEW_FINAL}))",
        _REMOVE_MESSAGE,
    ),
    "words_of_message_after": (
        "AFTER UPDATE OF content, state ON chat_message",
        f"{_NEW_FINAL} AND (new.content <> old.content OR NOT ({_OLD_FINAL}))",
        _ADD_MESSAGE,
    ),
    "words_of_message_gone": ("AFTER DELETE ON chat_message", _OLD_FINAL, _REMOVE_MESSAGE),
    "words_of_title": ("AFTER INSERT ON chat_conversation", "true", _ADD_TITLE),
    "words_of_title_changed": (
        "AFTER UPDATE OF title, user_id ON chat_conversation",
        "true",
        _REMOVE_TITLE + _ADD_TITLE,
    ),
    "words_of_title_gone": ("AFTER DELETE ON chat_conversation", "true", _REMOVE_TITLE),
    "words_given": (
        "AFTER UPDATE OF user_id ON chat_conversation",
        "new.user_id <> old.user_id",
        _GIVE_MESSAGES,
    ),
}

_FILL = f"""
INSERT INTO chat_message_words (rowid, words)
SELECT m.id, owned_words(c.user_id, m.content)
FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
WHERE {_FINAL.format("m")} ORDER BY m.id;
INSERT INTO chat_conversation_words (rowid, words)
SELECT id, owned_words(user_id, title) FROM chat_conversation ORDER BY id
"""

# FTS5 reads from the newest row on, and no further than there are rows to show.
MESSAGES = """
SELECT chat_message_words.rowid FROM chat_message_words
CROSS JOIN chat_message m ON m.id = chat_message_words.rowid
CROSS JOIN chat_conversation c ON c.id = m.conversation_id
WHERE chat_message_words MATCH %s AND chat_message_words.rowid < %s
AND c.user_id = %s AND c.deleted_at IS NULL
ORDER BY chat_message_words.rowid DESC LIMIT %s
"""
TITLES = """
SELECT chat_conversation_words.rowid FROM chat_conversation_words
CROSS JOIN chat_conversation c ON c.id = chat_conversation_words.rowid
WHERE chat_conversation_words MATCH %s AND chat_conversation_words.rowid < %s
AND c.user_id = %s AND c.deleted_at IS NULL
ORDER BY chat_conversation_words.rowid DESC LIMIT %s
"""


def match(user_id: int, phrases: list[Phrase]) -> str:
    """Return what to search for in the language of FTS5."""
    return " AND ".join(_match(user_id, phrase) for phrase in phrases)


def _match(user_id: int, phrase: Phrase) -> str:
    words = " ".join(f"{user_id}x{word}" for word in phrase.words)
    return f'"{words}" *' if phrase.is_prefix else f'"{words}"'


def make_index(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for kind in ("message", "conversation"):
            cursor.execute(_TABLE.format(kind))
    _fill(connection)


def drop_index(connection: BaseDatabaseWrapper) -> None:
    take_down_triggers(connection)
    with connection.cursor() as cursor:
        for kind in ("message", "conversation"):
            cursor.execute(f"DROP TABLE chat_{kind}_words")


def make_index_anew(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in ("chat_message_words", "chat_conversation_words"):
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    _fill(connection)


def _fill(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _FILL.split(";"):
            cursor.execute(statement)


def put_up_triggers(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {name for (name,) in cursor.fetchall()}
        for name, (when, condition, action) in _TRIGGERS.items():
            if name not in present:
                trigger = f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN {action} END"
                cursor.execute(trigger)


def take_down_triggers(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers out of the way of a migration, which may make their tables anew.

    They would be dropped with the old table, and a table that is missing for a moment would be an
    error of those that name it.
    """
    with connection.cursor() as cursor:
        for name in _TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")

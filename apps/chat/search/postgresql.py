"""The index of the search on PostgreSQL: two tables of `tsvector`, kept by triggers."""

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.chat.search.query import Phrase
from apps.chat.search.words import IGNORED, MAX_CHARS, SEPARATORS, SINGLE, WORD_CHARS

MAX_POSITION = 16_383  # What a tsvector can hold.

# owned_words() of apps.chat.search.words in SQL, with the place of each word.
_FUNCTION = rf"""
CREATE OR REPLACE FUNCTION chat_owned_words(owner bigint, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(
        owner || 'x' || left(word, {WORD_CHARS}) || ':' || least(place, {MAX_POSITION}), ' '
    ), '')::tsvector
    FROM unnest(string_to_array(regexp_replace(regexp_replace(
        translate(lower(normalize(regexp_replace(
            normalize(left(body, {MAX_CHARS}), NFKD), '[{IGNORED}]+', '', 'g'
        ), NFKC)), 'ς', 'σ'),
        '([{SINGLE}])', ' \1 ', 'g'), '[{SEPARATORS}]+', ' ', 'g'
    ), ' ')) WITH ORDINALITY AS found(word, place)
    WHERE word <> ''
$$
"""

# A reply is saved each second while it is written: it is put into the index when it has ended.
_FINAL = "{0}.content <> '' AND {0}.state NOT IN ('queued', 'running')"

_ADD_MESSAGES = f"""
INSERT INTO chat_message_words
SELECT m.id, chat_owned_words(c.user_id, m.content)
FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
WHERE {_FINAL.format("m")}
"""
_ADD_TITLES = """
INSERT INTO chat_conversation_words
SELECT c.id, chat_owned_words(c.user_id, c.title) FROM chat_conversation c
"""
_REPLACE = "ON CONFLICT (id) DO UPDATE SET words = excluded.words"

_TABLES = ["chat_message_words", "chat_conversation_words"]

_MAKE = [
    _FUNCTION,
    *(
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, words tsvector NOT NULL)"
        for table in _TABLES
    ),
    _ADD_MESSAGES,
    _ADD_TITLES,
    *(f"CREATE INDEX {table}_index ON {table} USING gin (words)" for table in _TABLES),
]

# By name: what happens, and when.
_TRIGGERS = {
    "chat_add_message": (
        f"{_ADD_MESSAGES} AND m.id = NEW.id {_REPLACE}",
        f"AFTER INSERT ON chat_message FOR EACH ROW WHEN ({_FINAL.format('NEW')})",
    ),
    "chat_change_message": (
        f"{_ADD_MESSAGES} AND m.id = NEW.id {_REPLACE}",
        "AFTER UPDATE OF content, state ON chat_message FOR EACH ROW WHEN"
        f" ({_FINAL.format('NEW')} AND (NEW.content, NEW.state) <> (OLD.content, OLD.state))",
    ),
    "chat_remove_message": (
        "DELETE FROM chat_message_words WHERE id = OLD.id",
        "AFTER DELETE ON chat_message FOR EACH ROW",
    ),
    "chat_change_title": (
        f"{_ADD_TITLES} WHERE c.id = NEW.id {_REPLACE}",
        "AFTER INSERT OR UPDATE OF title, user_id ON chat_conversation FOR EACH ROW",
    ),
    "chat_remove_title": (
        "DELETE FROM chat_conversation_words WHERE id = OLD.id",
        "AFTER DELETE ON chat_conversation FOR EACH ROW",
    ),
    "chat_give_messages": (
        f"{_ADD_MESSAGES} AND c.id = NEW.id {_REPLACE}",
        "AFTER UPDATE OF user_id ON chat_conversation FOR EACH ROW"
        " WHEN (NEW.user_id <> OLD.user_id)",
    ),
}

# In three steps that the planner must not mix: what matches, by the index alone; the newest first;
# of those no more rows than are shown. It would else read all of a person's messages, or all.
MESSAGES = """
WITH found AS MATERIALIZED (
    SELECT id FROM chat_message_words WHERE words @@ %s::tsquery AND id < %s
)
SELECT id FROM (SELECT id FROM found ORDER BY id DESC) AS newest
WHERE (
    SELECT c.user_id = %s AND c.deleted_at IS NULL
    FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
    WHERE m.id = newest.id
)
ORDER BY id DESC LIMIT %s
"""
TITLES = """
WITH found AS MATERIALIZED (
    SELECT id FROM chat_conversation_words WHERE words @@ %s::tsquery AND id < %s
)
SELECT id FROM (SELECT id FROM found ORDER BY id DESC) AS newest
WHERE (
    SELECT c.user_id = %s AND c.deleted_at IS NULL
    FROM chat_conversation c WHERE c.id = newest.id
)
ORDER BY id DESC LIMIT %s
"""


def match(user_id: int, phrases: list[Phrase]) -> str:
    """Return what to search for as a tsquery; no word holds a character that means something."""
    return " & ".join(f"({_match(user_id, phrase)})" for phrase in phrases)


def _match(user_id: int, phrase: Phrase) -> str:
    words = " <-> ".join(f"'{user_id}x{word}'" for word in phrase.words)
    return f"{words}:*" if phrase.is_prefix else words


def make_index(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _MAKE:
            cursor.execute(statement)
        for name, (action, when) in _TRIGGERS.items():
            body = f"$$ BEGIN {action}; RETURN NULL; END $$"
            cursor.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}")
            cursor.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")


def drop_index(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name in _TRIGGERS:
            cursor.execute(f"DROP FUNCTION {name} CASCADE")
        for table in _TABLES:
            cursor.execute(f"DROP TABLE {table}")
        cursor.execute("DROP FUNCTION chat_owned_words")


def make_index_anew(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # It takes as long as there is to read.
        cursor.execute(_FUNCTION)
        cursor.execute(f"TRUNCATE {', '.join(_TABLES)}")
        cursor.execute(_ADD_MESSAGES)
        cursor.execute(_ADD_TITLES)


def put_up_triggers(connection: BaseDatabaseWrapper) -> None:
    """Leave them: no migration takes them down."""


def take_down_triggers(connection: BaseDatabaseWrapper) -> None:
    """Leave them: no migration minds them."""

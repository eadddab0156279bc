#!/usr/bin/env python3
"""Fill a database, to see how Parlor does with much in it: a million messages, of 200 people.

    DATABASE_URL=sqlite:////tmp/large.sqlite3 scripts/populate.py [--people 200]
        [--conversations 20000] [--messages 1000000] [--longest 10000]

Run it with .venv's Python, after `manage.py migrate`, on a database of its own. The words of the
messages are made up; "water" is in three of ten, "bridge" in one of ten, "needle" in one of each
person's. The newest conversation has as many messages as --longest says.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
django.setup()

from django.core.management.color import no_style
from django.db import connection, transaction

from apps.chat.models import Conversation, Message
from apps.users.models import User

SYLLABLES = ["ka", "lo", "mi", "tu", "re", "sa", "no", "vi", "de", "pa", "chi"]
SYLLABLES += ["ber", "stra", "mol"]
VOCABULARY = 20_000
SENTENCES = 20_000
BATCH = 5_000


def make_people(count: int) -> list[int]:
    people = [User(username=f"person{number}", password="!") for number in range(count)]
    return [user.pk for user in User.objects.bulk_create(people)]


def make_sentences(chance: random.Random) -> list[str]:
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(VOCABULARY)]
    # Frequent as in languages (Zipf's law).
    weights = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))
    return [
        " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(8, 20))).capitalize()
        for _ in range(SENTENCES)
    ]


def make_conversations(people: list[int], count: int, sentences: list[str]) -> list[int]:
    conversations = [
        Conversation(user_id=people[number % len(people)], title=sentences[number % SENTENCES][:60])
        for number in range(count)
    ]
    made = Conversation.objects.bulk_create(conversations, batch_size=BATCH)
    return [conversation.pk for conversation in made]


def make_messages(
    conversations: list[int], total: int, longest: int, people: int, chance: random.Random
) -> Iterator[Message]:
    """Yield the messages of all conversations, with the ids that they will have."""
    pk = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    sentences = make_sentences(chance)
    each, more = divmod(total - longest, len(conversations) - 1)
    for number, conversation in enumerate(conversations):
        length = each + (number < more)
        if conversation == conversations[-1]:
            length = longest
        for place in range(length):
            pk += 1
            text = ". ".join(chance.choices(sentences, k=chance.randint(1, 8)))
            text += " water" * (chance.random() < 0.3) + " bridge" * (chance.random() < 0.1)
            text += " needle" * (number < people and place == 1)
            yield Message(
                pk=pk,
                conversation_id=conversation,
                parent_id=pk - 1 if place else None,
                role="assistant" if place % 2 else "user",
                content=text,
            )


def store(messages: Iterator[Message], total: int) -> None:
    started, stored = time.monotonic(), 0
    while batch := list(islice(messages, BATCH)):
        with transaction.atomic():
            Message.objects.bulk_create(batch)
            last = {message.conversation_id: message.pk for message in batch}
            with connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE chat_conversation SET tip_id = %s WHERE id = %s",
                    [(pk, conversation) for conversation, pk in last.items()],
                )
        stored += len(batch)
        seconds = time.monotonic() - started
        print(f"\r{stored:,} of {total:,} messages in {seconds:.0f} s ", end="", flush=True)
    print()


def finish() -> None:
    """Do what PostgreSQL would do by itself in time; SQLite is left as a server finds it."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Message]):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--longest", type=int, default=10_000)
    wanted = parser.parse_args()
    chance = random.Random(1)
    people = make_people(wanted.people)
    conversations = make_conversations(people, wanted.conversations, make_sentences(chance))
    messages = make_messages(conversations, wanted.messages, wanted.longest, wanted.people, chance)
    store(messages, wanted.messages)
    finish()


if __name__ == "__main__":
    main()

"""Write messages until killed; run by test_crashes.py in processes of their own.

`python -m tests.chat.crash ROUNDS` forks so many writers, one after the other. Each posts messages
and notes in a pipe which the server has accepted; each is killed in the middle of it. In the end
the accepted ones are printed, a line each.
"""

import os
import random
import select
import signal
import sys
import uuid

import django

RANDOM = random.Random(87)


def main(rounds):
    django.setup()
    from django.test import Client

    from apps.users.models import User

    User.objects.create(username="ada", password="!")
    Client().get("/")  # What the first request imports, no writer has to.
    for number in range(rounds):
        print(*write_until_killed(number), sep="\n")


def write_until_killed(number):
    """Return the messages that were accepted of a writer that was killed."""
    from django.db import connection

    connection.close()  # No connection may live in two processes,
    if connection.vendor == "postgresql":
        connection.close_pool()  # nor a pool.
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        write(number, writing)
    os.close(writing)
    select.select([reading], [], [])  # The first is there: it is in the middle of it.
    select.select([], [], [], RANDOM.uniform(0, 0.05))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as ledger:
        return ledger.read().split()


def write(number, ledger):
    from django.test import Client

    from apps.users.models import User

    client = Client()
    client.force_login(User.objects.get())
    for count in range(1_000_000):
        name = f"message-{number}-{count}"
        fields = {"message": name, "key": str(uuid.uuid4())}
        if client.post("/chat/new/", fields).status_code != 303:
            os._exit(1)
        os.write(ledger, f"{name}\n".encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))

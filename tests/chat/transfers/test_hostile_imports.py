"""Whatever somebody brings along: it ends with a report, and nothing is written elsewhere."""

import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.chat.models import Message, Transfer
from apps.chat.transfers import messages
from apps.chat.transfers.imports import services as imports
from apps.chat.transfers.progress import Progress, TransferFailed
from tests.chat.transfers.test_imports import bring, page_of
from tests.factories import make_user

WORDS = "mapping message author role content parts parent children chat_messages messages tip title"
WORDS += " fragments history messageId chunkedPrompt chunks files content_references safeHtmlItem"
WORDS += " metadata recipient input type url"
WORDS += " state id uuid sender text name create_time current_node format version attachments"
VALUES = ["user", "assistant", "human", "tool", "system", "text", "a", "b", "parlor-conversation"]
VALUES += [0, 1, 2, -1, 2**31, 2**63, 10**30, 1e300, "2026-01-01T00:00:00Z", "a\x00b\ud800", ""]
GOOD = {"id": "1", "mapping": {"a": {"message": {"author": {"role": "user"}, "content": {}}}}}
FIELDS = st.sampled_from([*WORDS.split(), "a", "b"])
values = st.recursive(
    st.none() | st.booleans() | st.sampled_from(VALUES) | st.floats() | st.text(max_size=3),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(FIELDS, children, max_size=6),
    max_leaves=30,
)
wholes = st.sampled_from(
    [
        {
            "format": "parlor-conversation",
            "version": 1,
            "id": "7b0f3f4e-6a57-4c1b-9d0c-4f0a5a2b8f1",
        },
        {"format": "parlor-conversation", "version": 1, "id": "7b0f3f4e6a574c1b9d0c4f0a5a2b8f11"},
        {"id": "1", "mapping": {}},
        {"uuid": "1", "chat_messages": []},
        {"id": "1", "mapping": {"a": {"message": {"fragments": [{"type": "REQUEST"}]}}}},
        {"id": "1", "chat": {"history": {"messages": {"a": {"role": "user"}}}}},
        {"conversationId": "1", "messages": [{"messageId": "a"}]},
        {"chunkedPrompt": {"chunks": [{"role": "user"}]}},
        {"header": "Gemini Apps", "title": "Prompted", "time": "2025"},
        {},
    ]
)


@pytest.fixture
def person(db):
    return make_user("ada")


@pytest.fixture
def read(person):
    """Return a function that imports the bytes, takes it all back, and returns the notes."""

    def read(data):
        progress = Progress(Transfer.objects.none())
        progress._saved_at = float("inf")
        with transaction.atomic():
            try:
                imports.import_file(person, ContentFile(data), progress)
            except TransferFailed as failure:
                progress.note(failure.code)
            for message in Message.objects.all():
                assert message.state not in Message.IN_PROGRESS
                assert message.parent is None or message.parent_id < message.pk
            transaction.set_rollback(True)
        return progress.notes

    return read


def check_report(notes):
    """Each note is one that the page has words for."""
    assert notes
    assert {each["code"] for each in notes} <= WITH_WORDS


WITH_WORDS = {*messages.ERRORS, *messages.NOTES, *messages.COUNTED}
WITH_WORDS |= {"imported", "known", "hidden", "left_out"}
fuzz = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(start=wholes, more=st.dictionaries(FIELDS, values), others=st.lists(values, max_size=2))
def test_any_json_ends_with_a_report(read, start, more, others):
    check_report(read(json.dumps([start | more, *others]).encode()))


@fuzz
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"[", b"{", b"[{", b"PK\x03\x04", b"\xef\xbb\xbf["]),
)
def test_any_bytes_end_with_a_report(read, data, start):
    check_report(read(start + data))


@fuzz
@given(st.data())
def test_any_damage_to_a_zip_ends_with_a_report(read, data):
    whole = bytearray(packed(("conversations.json", json.dumps([GOOD] * 3).encode())))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(whole)))
    check_report(read(bytes(whole[end:] if data.draw(st.booleans()) else whole[:end] or b"x")))


def packed(*members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return buffer.getvalue()


def link(name, target):
    """A symbolic link, as unpacking programs would make it."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, target


def encrypted():
    data = bytearray(packed(("conversations.json", json.dumps([GOOD]))))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping():
    """A thousand names for the same bytes, each of which unpacks to a hundred thousand."""
    data = packed(("conversations-000.json", b"[" + b" " * 100_000))
    at = data.rindex(b"PK\x01\x02")
    ending = data.rindex(b"PK\x05\x06")
    entry = data[at:ending]
    entries = b"".join(entry.replace(b"-000", b"-%03d" % n) for n in range(1000))
    count = (1000).to_bytes(2, "little") * 2
    tail = count + len(entries).to_bytes(4, "little") + data[ending + 16 :]
    return data[:at] + entries + data[ending : ending + 8] + tail


ABYSS = b'[{"mapping": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}]"
NAMES = ["../../conversations.json", "/etc/conversations.json", "..\\conversations.json"]
HOSTILE = {
    "names that lead elsewhere": packed(*((name, json.dumps([GOOD])) for name in NAMES)),
    "a link to a file of the server": packed(link("conversations.json", "/etc/passwd")),
    "a file with a password": encrypted(),
    "members that overlap": overlapping(),
    "a ZIP in a ZIP": packed(("conversations.json", packed(("conversations.json", "[]")))),
    "an abyss": ABYSS,
    "an abyss in a ZIP": packed(("conversations.json", ABYSS)),
    "a number without end": b'[{"mapping": {"a": ' + b"9" * 1_000_000 + b"}}]",
    "a text without end": b'[{"title": "' + b"a" * 1_000_000,
    "NUL in a name": packed(("a\x00/conversations.json", "[]")),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_ends_in_words_and_writes_nothing_elsewhere(
    ada_client, ada, media, settings, tmp_path, what
):
    settings.IMPORT_MAX_UNPACKED_BYTES = 10_000_000
    transfer = bring(ada_client, ada, HOSTILE[what], "../../../evil.zip")
    assert transfer.state in ("done", "failed")
    page = page_of(ada_client, transfer)
    assert "root:" not in page
    assert "Traceback" not in page
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or path.is_relative_to(media / "transfers")
    assert not (tmp_path.parent / "evil.zip").exists()

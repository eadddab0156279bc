"""Attached text, in whatever encoding it is, and however it is damaged."""

import pytest

from apps.chat.attachments.extraction.decoding import decode_evident, is_binary
from apps.chat.attachments.extraction.encodings import ENCODINGS, guess_encoding
from apps.chat.models import Attachment
from tests.chat.attachments.test_uploads import last_sent
from tests.chat.talk import answered_with, page_of, send
from tests.page import Page
from tests.text_samples import encoded_samples

CODECS = {encoding.name: encoding.codec for encoding in ENCODINGS}
CASES = {name: case for name, *case in encoded_samples()}

# What is not found out: the two encodings make words of the same bytes, and the other is met
# more often. That it may be wrong is said of each.
TOO_CLOSE = {
    "Japanese, euc-jp, table",
    "Russian, mac_cyrillic, table",
    "Russian, mac_cyrillic, letter",
    "Spanish, mac_roman, letter",
    "Romanian, iso-8859-16, table",
    "Romanian, iso-8859-16, letter",
}

JAPANESE = "番号,名前,金額\n1,山田太郎,1200\n2,佐藤花子,3400\n"
CHINESE = "编号,姓名,金额\n1,张三,1200\n2,李四,3400\n"
KOREAN = "번호,이름,금액\n1,김철수,1200\n"
LINE = "ok line with Grüße\n"
LOG = LINE * 50

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]


@pytest.mark.row("O-141")
@pytest.mark.parametrize("case", CASES)
def test_short_texts_are_read_in_their_encoding_or_the_doubt_is_told(case):
    _, data, text = CASES[case]
    guess = guess_encoding(data)
    assert guess.text == text or not guess.is_sure
    assert (guess.text != text) == (case in TOO_CLOSE), guess


def test_most_are_found_without_doubt_where_there_is_a_letter_full_of_words():
    letters = [data for name, (_, data, _) in CASES.items() if name.endswith("letter")]
    sure = sum(guess_encoding(data).is_sure for data in letters)
    assert sure > 0.8 * len(letters)


@pytest.mark.row("O-141")
@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("cp932", JAPANESE, "Shift_JIS"),
        ("gbk", CHINESE, "GB18030"),
        ("cp949", KOREAN, "EUC-KR"),
        ("iso2022_jp", JAPANESE, "ISO-2022-JP"),
        ("utf-16-le", "Größe,Preis\n", "UTF-16LE"),
        ("utf-16-be", "Размер,Цена\n", "UTF-16BE"),
        ("utf-32-le", "Größe,Preis\n", "UTF-32LE"),
        ("utf-32-be", JAPANESE, "UTF-32BE"),
    ],
)
def test_the_line_of_the_file_says_in_what_encoding_it_was_read(
    ada_client, demo, encoding, text, name
):
    reply = answered_with(ada_client, ("table.csv", text.encode(encoding)))
    attachment = Attachment.objects.get()
    assert attachment.text == text
    assert attachment.remarks == f"read as {name}"
    assert f"read as {name}" in page_of(ada_client, reply).text
    assert f'note="read as {name}"' in last_sent(demo)
    link = page_of(ada_client, reply).links["Download"]
    assert ada_client.get(link).content.decode() == text


@pytest.mark.row("O-141")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8", "ascii"])
def test_what_says_its_encoding_itself_needs_no_remark(ada_client, demo, encoding):
    text = JAPANESE if encoding != "ascii" else "No,Name\n"
    data = text.encode(encoding)
    answered_with(ada_client, ("table.csv", data))
    attachment = Attachment.objects.get()
    assert (attachment.text, attachment.reading) == (text, {})


def test_a_doubtful_encoding_is_told_before_the_file_is_sent(ada_client, demo):
    data = "Nr;Straße\n1;Königsweg\n".encode("cp1252")
    response = send(ada_client, ("table.csv", data), ("bad.png", b"x"))
    assert "read as windows-1252, which may be wrong" in Page(response).text


BROKEN = "1 character could not be read"


@pytest.mark.row("O-141")
@pytest.mark.parametrize(
    ("data", "text", "remarks"),
    [
        (LOG.encode() + b"bad \xff byte\n" + LOG.encode(), f"{LOG}bad \ufffd byte\n{LOG}", BROKEN),
        (LOG.encode() + "Kö".encode()[:-1], f"{LOG}K\ufffd", BROKEN),
        ("ü".encode()[1:] + LOG.encode(), f"\ufffd{LOG}", BROKEN),
        (LOG.encode() + b"caf\xe9 1\ncaf\xe9 2\n", f"{LOG}caf\ufffd 1\ncaf\ufffd 2\n", "2 char"),
        (LOG.encode("utf-16")[:-1], LOG[:-1] + "\ufffd", BROKEN),
        ("a real \ufffd is none\n".encode(), "a real \ufffd is none\n", ""),
    ],
    ids=["byte", "end", "beginning", "latin lines", "half a unit", "replacement"],
)
def test_damage_harms_only_what_is_damaged(ada_client, demo, data, text, remarks):
    answered_with(ada_client, ("server.log", data))
    attachment = Attachment.objects.get()
    assert attachment.text == text
    assert attachment.remarks.startswith(remarks)
    assert bool(attachment.remarks) == bool(remarks)


@pytest.mark.row("O-141")
@pytest.mark.parametrize("codec", ["cp932", "gb18030", "cp949", "cp1251"])
@pytest.mark.parametrize("damage", ["byte", "end"])
def test_damage_to_an_older_encoding_harms_a_letter_too(codec, damage):
    of = {"cp932": JAPANESE, "gb18030": CHINESE, "cp949": KOREAN, "cp1251": "Привет, мир! " * 3}
    text = of[codec] * 10
    data = text.encode(codec) + ("김".encode(codec)[:1] if codec == "cp949" else b"\xff\n")
    if damage == "byte" and codec != "cp1251":
        data = text.encode(codec) + b"\xff\n" + text.encode(codec)
    guess = guess_encoding(data)
    assert CODECS[guess.encoding] == codec
    assert guess.text.startswith(text)
    assert guess.unreadable == (codec != "cp1251")


@pytest.mark.row("O-141")
@pytest.mark.parametrize(
    "log",
    [
        b"\x1b[32mINFO\x1b[0m started\n" * 20,
        b"before\n" + bytes(4096) + b"after a crash\n" * 30,
        b"one\0two\0three\0" * 3 + b"a line of words\n" * 40,
        b"progress 10%\rprogress 20%\rbell\x07 back\x08\n",
        ("Grüße " * 40 + "\x01\n").encode(),
    ],
    ids=["colours", "a run of NUL", "NULs", "terminal", "a control"],
)
def test_a_log_with_controls_is_text(ada_client, demo, log):
    answered_with(ada_client, ("server.log", log))
    text = Attachment.objects.get().text
    assert text.split()
    assert not any(character < " " and character not in "\t\n" for character in text)


@pytest.mark.row("O-141")
@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\2\1\1" + bytes(range(256)),
        bytes(range(256)) * 4,
        bytes.fromhex("8b1f0800a3") * 30,
        b"PK\3\4" + bytes(200),
        b"\x1f\x8b\x08" + b"words and words" * 9,
        b"SQLite format 3\0" + b"words " * 400,
    ],
    ids=["program", "all bytes", "noise", "archive", "gzip", "database"],
)
def test_what_is_binary_is_refused(ada_client, demo, data):
    response = send(ada_client, ("data.txt", data))
    assert "cannot be read here" in Page(response).alerts[0]
    assert not Attachment.objects.exists()


def test_a_long_text_is_decided_by_a_part_of_it():
    text = "Nummer;Straße;Größe\n" * 300_000
    assert guess_encoding(text.encode("cp1252")).text == text


def test_whatever_comes_is_decoded_or_none():
    for number in range(256):
        data = bytes([number, 255 - number, number // 2]) * 7
        if not decode_evident(data) and not is_binary(data):
            guess = guess_encoding(data)
            assert guess is None or guess.text


@pytest.mark.parametrize(
    "text", ["ｱｲｳｴｵ,テスト\n", "コード,ﾔﾏﾀﾞ ﾀﾛｳ\n", "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ\n", "摘要 ﾌﾘｺﾐ 1200円\n"]
)
def test_half_width_letters_are_japanese_too(text):
    guess = guess_encoding(text.encode("cp932"))
    assert (guess.text, guess.encoding) == (text, "Shift_JIS")


@pytest.mark.parametrize("codec", ["cp1252", "cp1250"])
def test_a_text_of_two_files_in_two_encodings_is_a_guess(codec):
    line = "Größe, Straße\n"
    data = (line * 5).encode(codec) + (line * 5).encode()
    assert decode_evident(data) is None
    assert not guess_encoding(data).is_sure


@pytest.mark.parametrize(("text", "codec"), [("é", "utf-16-le"), ("hé", "utf-16-be")])
def test_a_letter_or_two_are_wide_text_without_a_broken_one(text, codec):
    assert decode_evident(text.encode(codec)).text == text


@pytest.mark.parametrize(
    "data", [b"GIF89a\1\0", b"MZ\x90\0\3\0\0\0", b"\xff\xd8\xff\xe0\0\x10JFIF"]
)
def test_the_beginning_of_a_binary_file_is_no_text(data):
    assert decode_evident(data) is None
    assert is_binary(data)

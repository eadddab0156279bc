"""What is long arrives whole: every address that can send more than 64 kB, read as clients do.

Compressed pieces that are not one stream end, for browsers, with the first of them.
"""

import base64
import io
import json
import re
import zipfile

import httpx2
import pytest
from django.urls import get_resolver
from playwright.sync_api import expect

from tests.live_server import PATIENCE, read_rest
from tests.uploads import png

WORDS = [f"word-{number:05}" for number in range(14_000)]  # 154 kB, which hardly repeats.
REPLY = "\n\n".join(" ".join(WORDS[start : start + 100]) for start in range(0, len(WORDS), 100))
FILE = "".join(f"Line {number} of the file.\n" for number in range(20_000))
PICTURE = png((2400, 1600))
ENCODINGS = ["zstd", "br", "gzip", "identity", "gzip, deflate, br, zstd"]
# A PDF is laid out anew each time, which takes seconds, and is not compressed once more.
ENCODINGS_OF = {"pdf": ["identity"]}

# All addresses that send files or pages of any length, and what each must hold.
CONVERSATION = {
    "conversation": "words",
    "export_json": "json",
    "export_markdown": "words",
    "export_text": "words",
    "export_pdf": "pdf",
}
REPLIES = {"message": "fragment", "message_text": "words"}
OWN = {"attachment": "file", "attachment_text": "some of the file", "transfer_file": "zip"}
# Those that are read below in another way, or whose bodies are pictures: these have their sizes.
OTHERS = {"follow_conversation", "shared_conversation", "stream_reply"}
PICTURES = {
    "attachment_thumbnail",
    "convert_attachment",
    "picture_file",
    "picture_original",
    "picture_thumbnail",
    "shared_picture_file",
    "style_example",
}
SENDS_MUCH = re.compile(
    r"export_(?!account)\w+|message|conversation|stream_\w+|follow_conversation|shared_conversation"
    r"|.*_(file|text|original|thumbnail|example)|attachment"
)
FETCH = """async ([path, headers]) => {
    const answer = await fetch(path, {headers});
    const reader = new FileReader();
    const read = new Promise(resolve => { reader.onload = resolve; });
    reader.readAsDataURL(await answer.blob());
    await read;
    return reader.result.replace(/^.*,/, "");  // A list of numbers takes Playwright seconds.
}"""


def test_every_address_that_sends_much_is_read_here():
    apps = [each for each in get_resolver().url_patterns if hasattr(each, "url_patterns")]
    names = {getattr(each, "name", None) for app in apps for each in app.url_patterns} - {None}
    known = CONVERSATION.keys() | REPLIES.keys() | OWN.keys() | OTHERS | PICTURES
    assert {name for name in names if SENDS_MUCH.fullmatch(name)} - known == set()


def words_of(text):
    return re.findall(r"word-\d{5}", text)


def expect_whole(kind, body):
    """Compare what came with what is stored."""
    if kind in ("words", "fragment"):
        assert words_of(body.decode()) == WORDS
    elif kind == "json":
        messages = json.loads(body)["messages"]
        assert messages[-1]["content"] == REPLY
    elif kind == "file":
        assert body.decode() == FILE
    elif kind == "some of the file":
        assert FILE.startswith(body.decode())
    elif kind == "zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert archive.testzip() is None
            texts = [archive.read(name) for name in archive.namelist() if name.endswith(".md")]
        assert [words_of(text.decode()) for text in texts if b"word-" in text] == [WORDS]
    else:
        assert body.startswith(b"%PDF")
        assert body.rstrip().endswith(b"%%EOF")


@pytest.fixture
def client(shared_server, person):
    """Return a function that makes a client which takes such an encoding, and no other."""
    cookies = {cookie.name: cookie.value for cookie in person.cookies}

    def client(encoding=None):
        headers = {"Accept-Encoding": encoding} if encoding else {}  # None: as httpx does.
        return httpx2.Client(
            base_url=shared_server.url, cookies=cookies, headers=headers, timeout=PATIENCE
        )

    return client


@pytest.fixture
def scripts():
    return True  # The page reads the addresses itself.


@pytest.fixture
def addresses(reader, speaker):
    """A conversation with a long reply and a long file, as addresses with what each holds."""
    reader.open("/chat/new/")
    reader.fill("Message", "Many words, please.")
    text = {"name": "lines.txt", "mimeType": "text/plain", "buffer": FILE.encode()}
    reader.choose("Attach files", text)
    reader.use("button", "Send")
    speaker.end(REPLY)
    reader.expect_state("done")
    number = re.search(r"/chat/(\d+)/", reader.page.url)[1]
    reply = re.search(r"\d+", reader.reply.get_attribute("id"))[0]
    file = reader.page.locator("a[href*='/chat/attachments/']").first.get_attribute("href")
    file = re.search(r"/chat/attachments/\d+/", file)[0]
    found = {f"/chat/{number}/": "words"}
    found |= {
        f"/chat/{number}/export/{name.removeprefix('export_')}/": kind
        for name, kind in CONVERSATION.items()
        if name.startswith("export_")
    }
    found |= {f"/chat/messages/{reply}/": "fragment", f"/chat/messages/{reply}/text/": "words"}
    found |= {file: "file", f"{file}text/": "some of the file"}
    found[account_archive(reader)] = "zip"
    return found


def account_archive(reader):
    """Export everything, and return where the ZIP file is."""
    reader.open("/chat/export/")
    reader.use("button", "Make the ZIP file")
    link = reader.page.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    return link.get_attribute("href")


@pytest.mark.row("O-122")
def test_what_is_long_arrives_whole_with_every_encoding(addresses, client, reader):
    for path, kind in addresses.items():
        headers = {"HX-Request": "true"} if kind == "fragment" else {}
        for encoding in ENCODINGS_OF.get(kind, [None, *ENCODINGS]):
            with client(encoding) as http:
                answer = http.get(path, headers=headers)
            assert answer.status_code == 200, path
            expect_whole(kind, answer.content)
        expect_whole(kind, base64.b64decode(reader.page.evaluate(FETCH, [path, headers])))


@pytest.mark.row("O-122")
@pytest.mark.parametrize("encoding", [None, *ENCODINGS])
def test_what_flows_arrives_whole_and_while_it_is_written(
    shared_server, person, speaker, client, encoding
):
    asking = person.ask("Many words, please.")
    number = re.search(r"/chat/(\d+)/", asking.url)[1]
    half = len(REPLY) // 2
    speaker.say(REPLY[:half])
    reply = shared_server.query(
        "SELECT id FROM chat_message WHERE role = 'assistant' AND conversation_id = ?", int(number)
    )[0][0]
    for path in (f"/chat/messages/{reply}/stream/?attempt=1&after=0", f"/chat/{number}/follow/"):
        with client(encoding) as http, http.stream("GET", path) as answer:
            seen = ""
            for piece in answer.iter_text():
                seen += piece
                if WORDS[5_000] in seen:
                    break
            assert set(words_of(seen)) >= set(WORDS[:5_000]), path
    speaker.end(REPLY[half:])
    assert words_of(read_rest(asking))[-1] == WORDS[-1]
    with client(encoding) as http:
        page = http.get(f"/chat/{number}/")
    assert words_of(page.text) == WORDS


@pytest.mark.row("O-122")
def test_pictures_arrive_whole_and_as_they_are(reader, demo, client):
    reader.open("/chat/new/")
    reader.fill("Message", "What is this?")
    picture = {"name": "big.png", "mimeType": "image/png", "buffer": PICTURE}
    reader.choose("Attach files", picture)
    reader.use("button", "Send")
    reader.expect_state("done")
    source = reader.question.get_by_role("img").get_attribute("src")
    full = re.search(r"/chat/attachments/\d+/", source)[0]
    for path in (full, source):
        with client() as http:
            answer = http.get(path)
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        with client() as http:
            part = http.get(path, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, answer.content[10:20])

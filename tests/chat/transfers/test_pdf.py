"""A conversation as a PDF: all its words can be found in it, and nothing is fetched for it."""

import os
import re
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from apps.chat.transfers.exports import pdf
from tests.chat.talk import Pieces, ended_transfer, newest
from tests.factories import make_attachment, make_conversation, make_reply
from tests.live_server import ParlorServer, wait_until
from tests.page import Page

pytestmark = pytest.mark.any_database

XHTML = "{http://www.w3.org/1999/xhtml}"

EVERYTHING = r"""
## A heading

مرحبا بالعالم, 中文字符, 😀🎉, Ελληνικά, Čeština.

| Name | Amount |
| :- | -: |
| Tablewords | 1.50 |

```python
def double(number):
    return number * 2  # A comment that is so long that it would not fit into one line of paper.
```

$$\sum_{i=1}^{n} i = \frac{numerator(n+1)}{denominator}$$

- [x] done
"""


def read(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(response.content))


def words_of(reader):
    return "".join("".join(page.extract_text() for page in reader.pages).split())


def export(client, conversation):
    return client.get(f"/chat/{conversation.pk}/export/pdf/")


@pytest.mark.row("O-105")
def test_every_word_in_every_script_can_be_found(ada_client, ada):
    conversation = make_conversation(ada, "اشرح لي كيف", EVERYTHING, title="Title عربي 中文")
    make_reply(conversation, "A part", state="error", error="cut", model="parlor-demo")
    response = export(ada_client, conversation)
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Title_")
    reader = read(response)
    assert reader.metadata.title == "Title عربي 中文"
    found = words_of(reader)
    for word in (
        "Title",
        "Aheading",
        "中文字符",
        "😀",
        "Ελληνικά",
        "Čeština",
        "Tablewords",
        "1.50",
        "defdouble(number):",
        "onelineofpaper.",
        "denominator",
        "parlor-demo",
        "Theanswerwascutoff.",
    ):
        assert word in found, word
    letters = set(found)
    assert set("مرحبا") <= letters or set("ابحرم") <= letters


def test_pictures_are_in_it_and_all_files_are_named(ada_client, ada, media):
    conversation = make_conversation(ada, "What is this?")
    make_attachment(newest(conversation), "photo.png")
    make_attachment(newest(conversation), "notes.txt", b"Words")
    reader = read(export(ada_client, conversation))
    assert {"photo.png", "notes.txt"} <= set(reader.pages[0].extract_text().split())
    assert len(reader.pages[0].images) == 1


@pytest.mark.row("O-106")
def test_nothing_is_fetched_and_no_file_is_read(ada_client, ada, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("What nobody is to see")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        says = (
            f"![picture]({url}/a.png) <img src='{url}/b.png'> <img src='file://{secret}'>"
            f"<link rel=attachment href='file://{secret}'><style>@import '{url}/c.css'</style>\n\n"
            f"<style>body {{ background: url({url}/d.png) }}</style> <base href='{url}'>"
        )
        reader = read(export(ada_client, make_conversation(ada, says, says, title=says[:200])))
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "Whatnobody" not in words_of(reader)
    assert reader.attachments == {}


@pytest.mark.row("O-106")
def test_even_markup_that_asks_for_it_gets_nothing(tmp_path):
    """The process that lays the pages out refuses, whatever it is given."""
    secret = tmp_path / "secret.txt"
    secret.write_text("What nobody is to see")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        html = (
            f'<link rel="stylesheet" href="{url}/a.css">'
            f'<link rel="attachment" href="file://{secret}">'
            f'<img src="{url}/b.png"><img src="file://{secret}"><object data="file://{secret}">'
            f"<style>@import url({url}/c.css); p {{ background: url(file://{secret}) }}</style>"
            "<p>Hi"
        ).encode()
        made = subprocess.run(
            [sys.executable, "-m", "apps.chat.transfers.exports.pdf_worker"],
            input=b"%d\n%b" % (len(html), html),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    reader = PdfReader(BytesIO(made.stdout))
    assert words_of(reader) == "Hi"
    assert reader.attachments == {}


@pytest.mark.row("O-105")
def test_500_messages_take_less_than_ten_seconds(ada_client, ada):
    """Of computing, so that what else the machine does is not counted."""
    texts = [f"Message number {n}. **Bold** and *italic* words." for n in range(500)]
    conversation = make_conversation(ada, *texts)
    before = sum(os.times()[:4])
    reader = read(export(ada_client, conversation))
    assert sum(os.times()[:4]) - before < 10
    found = words_of(reader)
    places = [found.index(f"Messagenumber{n}.") for n in range(0, 500, 7)]
    assert places == sorted(places)


def test_a_long_one_is_made_in_the_background(ada_client, ada, monkeypatch, media):
    monkeypatch.setattr(pdf, "PART_MESSAGES", 3)
    texts = [f"Message number {n}." for n in range(8)]
    conversation = make_conversation(ada, *texts, title="A long one")
    page = Page(export(ada_client, conversation))
    assert "Make the PDF" in page.buttons
    response = ada_client.post(f"/chat/{conversation.pk}/export/pdf/")
    assert response.status_code == 303
    transfer = ended_transfer(ada)
    assert transfer.state == "done", transfer.error
    page = Page(ada_client.get(response["Location"]))
    response = ada_client.get(page.links["Download"])
    assert response["Content-Disposition"] == 'attachment; filename="A_long_one.pdf"'
    reader = PdfReader(BytesIO(Pieces(response).rest_of_bytes()))
    found = [page.extract_text() for page in reader.pages]
    assert [text.split()[-1] for text in found] == ["1", "2", "3"]  # The numbers of the pages.
    assert "Message number 7." in found[-1]


def test_where_pango_is_missing_the_page_says_what_to_install(
    ada_client, ada, tmp_path, monkeypatch
):
    (tmp_path / "weasyprint.py").write_text('raise OSError("cannot load library libpango")')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    response = export(ada_client, make_conversation(ada, "Hello"))
    assert response.status_code == 503
    assert "apt install libpango-1.0-0" in Page(response).text


ENDLESS = """
import os, pathlib, time
folder = pathlib.Path(__file__).parent
(folder / f"environment-{os.getpid()}").write_text(" ".join(os.environ))
(folder / f"environment-{os.getpid()}").rename(folder / f"begun-{os.getpid()}")
while not (folder / "go").exists():
    time.sleep(0.02)
raise OSError("let go")
"""


@pytest.mark.row("O-154")
def test_others_do_not_wait_for_a_pdf(tmp_path):
    """Nor for a person's four: one is being made, in a process of its own, and three wait."""
    (tmp_path / "weasyprint.py").write_text(ENDLESS)
    with ParlorServer(tmp_path, PYTHONPATH=tmp_path) as server, ThreadPoolExecutor(5) as pool:
        people = [(each, conversation_of(each)) for each in (server.person(), server.person("eve"))]
        (person, path), (other, others) = people
        pages = [pool.submit(lambda: person.open(path).status) for _ in range(4)]
        try:
            wait_until(lambda: len(list(tmp_path.glob("begun-*"))) == 1)
            pages.append(pool.submit(lambda: other.open(others).status))
            wait_until(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
            assert "Conversations" in other.get("/chat/")
            assert not any(page.done() for page in pages)
            assert not secrets_of(tmp_path)
        finally:
            (tmp_path / "go").touch()
        assert [page.result() for page in pages] == [503] * 5


def conversation_of(person):
    """Begin a conversation; return the address of its PDF."""
    with person.ask("hello") as growing:
        return f"{growing.url.removesuffix('follow/')}export/pdf/"


def secrets_of(folder):
    """Return the names of the settings that the processes which have begun can see."""
    environments = [each.read_text() for each in folder.glob("begun-*")]
    assert all("PATH" in each for each in environments)
    return re.findall("SECRET_KEY|DATABASE_URL|OPENAI_API_KEY|REDIS_URL", str(environments))


def table(columns, name="column", value="value number"):
    lines = [
        [f"{name} {number}" for number in range(columns)],
        ["-"] * columns,
        [f"{value} {number}" for number in range(columns)],
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def indented(text, mark):
    return "\n".join(mark + line for line in text.splitlines())


LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
ADDRESS = "https://example.org/" + "a-long-address/" * 12
NUMBERS = [f"{number},345,678.90" for number in range(10, 22)]
FORMULA = " + ".join(f"x_{{{number}}}^2" for number in range(60))
WIDE = {
    "a table": table(20),
    "a table of very many columns": table(120),
    "a table in a list": f"- item\n\n{indented(table(20), '  ')}",
    "a table in a quotation": indented(table(20), "> "),
    "a table in a list in a quotation": indented(f"- item\n\n{indented(table(20), '  ')}", "> "),
    "long words": f"| {LONG} | b |\n|-|-|\n| {ADDRESS} | {LONG} |",
    "numbers": f"| {' | '.join(NUMBERS)} |\n|{'-|' * 12}\n| {' | '.join(NUMBERS)} |",
    "ideographs": table(14, "中文标题很长", "漢字かな交じり文"),
    "a formula": f"$$ {FORMULA} $$",
    "an equation": f"$$ {FORMULA} = {FORMULA} $$",
    "a formula in a list": f"- item\n\n  $$ {FORMULA} $$",
    "a formula in a line": f"So ${FORMULA}$ it is.",
    "code": "```\n" + "x" * 500 + "\n```",
    "a word": "x" * 500,
}


@pytest.fixture
def laid_out(ada_client, ada, tmp_path):
    """Return a function that makes a PDF of a reply, and reads from it words and where they are."""

    def laid_out(said):
        path = tmp_path / "file.pdf"
        path.write_bytes(export(ada_client, make_conversation(ada, "?", said)).content)
        command = ["pdftotext", "-bbox", str(path), "-"]
        read = subprocess.run(command, capture_output=True, text=True, check=True)
        return list(ElementTree.fromstring(read.stdout).iter(f"{XHTML}page"))

    return laid_out


@pytest.mark.row("O-140")
@pytest.mark.parametrize("said", WIDE.values(), ids=WIDE)
def test_nothing_is_cut_off_at_the_edge_of_the_paper(laid_out, said):
    for page in laid_out(said):
        for word in page:
            assert float(word.get("xMin")) >= 0, word.text
            assert float(word.get("xMax")) <= float(page.get("width")), word.text


@pytest.mark.row("O-140")
@pytest.mark.parametrize("columns", [3, 8, 12, 20, 60, 120])
def test_every_cell_of_a_table_is_found_with_its_words_whole(laid_out, columns):
    words = Counter(word.text for page in laid_out(table(columns)) for word in page)
    assert words["column"] >= columns
    assert words["value"] >= columns
    assert all(words[str(number)] >= 2 for number in range(columns))


def test_numbers_are_not_broken_in_two(laid_out):
    words = Counter(word.text for page in laid_out(WIDE["numbers"]) for word in page)
    assert all(words[number] >= 2 for number in NUMBERS)


def test_only_the_page_of_a_wide_table_is_turned(laid_out):
    pages = laid_out(f"Before.\n\n{table(20)}\n\nAfter.")
    assert [float(page.get("width")) > float(page.get("height")) for page in pages] == [
        *(False, True, False)
    ]
    assert "You" in [word.text for word in pages[0]]


def test_a_table_that_fits_is_left_as_it_is(laid_out):
    assert len(laid_out(f"Before.\n\n{table(5)}\n\nAfter.")) == 1


def test_folds_are_open_and_lists_keep_their_numbers(ada_client, ada):
    conversation = make_conversation(ada, "Hi", "5. five\n4. four\n\ntext\n\n7. seven")
    text = "<details>\n<summary>A</summary>\n\nHidden\n\n</details>\n\n> [!TIP]\n> one\n> two"
    make_reply(conversation, text)
    found = words_of(read(export(ada_client, conversation)))
    for words in ("fivefourtextseven", "5.4.7.", "AHidden", "Tip", "onetwo"):
        assert words in found, words

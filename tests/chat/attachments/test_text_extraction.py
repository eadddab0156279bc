"""The text of documents: what the model is given of each kind, and what is said of the rest."""

import re

import pytest

from apps.chat.models import Attachment
from tests import office_files as office
from tests.chat.attachments.test_uploads import last_sent
from tests.chat.talk import answered_with, page_of, send, shown
from tests.office_files import paragraph, run, table
from tests.page import Page

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

LETTER = office.docx(
    paragraph("Offer 12", "Heading1")
    + paragraph("Dear Sam, the price is below. Grüße, Jo")
    + table(
        [paragraph("Item"), paragraph("Price")],
        [paragraph("Tea"), paragraph("3")],
    )
    + f"<w:p>{run('split ')}{run('over runs')}</w:p>"
)
CHANGED = office.docx(
    f"<w:p>{run('We pay ')}<w:del w:id='1'>{run('ten', 'delText')}</w:del>"
    f"<w:ins w:id='2'>{run('twelve')}</w:ins>{run(' euros')}</w:p>"
)
NOTED = office.docx(
    f"<w:p>{run('Claim')}<w:r><w:footnoteReference w:id='2'/></w:r>"
    f"<w:r><w:commentReference w:id='0'/></w:r></w:p>",
    footnotes=f"<w:footnote w:id='2'>{paragraph('The source')}</w:footnote>",
    comments=f"<w:comment w:id='0' w:initials='AL'>{paragraph('Really?')}</w:comment>",
)
WRAPPED = office.docx(
    f"<w:p>{run('On ')}<w:fldSimple w:instr=' DATE '>{run('1 May')}</w:fldSimple></w:p>"
    f"<w:p><w:bdo w:val='rtl'>{run('abc')}</w:bdo><w:dir w:val='ltr'>{run('def')}</w:dir></w:p>"
    f"<w:p><w:r><w:ruby><w:rubyPr><w:lid w:val='ja-JP'/></w:rubyPr><w:rt>{run('かん')}</w:rt>"
    f"<w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>{run('字')}</w:p>"
)
NESTED = office.docx(
    table([paragraph("Outer") + table([paragraph("a"), paragraph("b")]) + paragraph("")])
)
HEADED = office.docx(
    paragraph("Body"),
    parts={
        "word/header1.xml": f"{office.XML}<w:hdr {office.WORD}>{paragraph('Confidential')}</w:hdr>"
    },
)
LOGO = office.docx(paragraph("Body"), parts={"word/media/logo.png": "x"})
MACROS = office.docx(paragraph("Body"), parts={"word/vbaProject.bin": "x"})

SHEETS = office.xlsx(
    {
        "Prices": [
            ["Item", "Price", "Note"],
            ["Tea, green", 3.5, 'a "good" one'],
            [],
            ["Sum", "=SUM(B2:B2)", True],
            [0.1 + 0.2, 1e21, None],
        ],
        "Größen": [["klein"]],
    },
    hidden={"Größen"},
    comments={"A1": "Check this"},
)
SLIDES = office.pptx(
    ("Plan", ["First", "Second"], ["Say hello"], False), ("Money", ["Costs"], [], True)
)
TEXT = office.open_document(
    "text",
    '<text:h text:outline-level="2">Offer</text:h><text:p>Grüße<text:s text:c="2"/>Jo'
    "<text:note><text:note-body><text:p>a note</text:p></text:note-body></text:note></text:p>"
    "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>in</text:p>"
    "</text:list-item></text:list></text:list-item></text:list><table:table><table:table-row>"
    "<table:table-cell><text:p>Item</text:p></table:table-cell><table:table-cell><text:p>Price"
    "</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>Tea"
    "</text:p></table:table-cell><table:table-cell><text:p>3</text:p></table:table-cell>"
    "</table:table-row></table:table><text:tracked-changes><text:changed-region><text:deletion>"
    "<text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>",
)
SPREADSHEET = office.open_document(
    "spreadsheet",
    '<table:table table:name="Prices" table:style-name="h"><table:table-row><table:table-cell>'
    '<text:p>Tea</text:p></table:table-cell><table:table-cell office:value-type="float" '
    'office:value="3.5"><text:p>3,50 €</text:p></table:table-cell><table:table-cell '
    'office:value-type="date" office:date-value="2026-09-01"><text:p>1.9.26</text:p>'
    '</table:table-cell><table:table-cell table:number-columns-repeated="16380"/>'
    "</table:table-row></table:table>",
    '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>',
)
PRESENTATION = office.open_document(
    "presentation",
    "<draw:page><draw:frame><draw:text-box><text:p>Hello</text:p></draw:text-box></draw:frame>"
    "<presentation:notes><draw:frame><draw:text-box><text:p>Wave</text:p></draw:text-box>"
    "</draw:frame></presentation:notes></draw:page>",
)
CHAPTERS = office.epub(
    "<!DOCTYPE html><html><head></head><body><h1>One</h1><p>Grüße</p></body></html>",
    "<html><body><h1>Two</h1><img src='a.png' alt='A map'/></body></html>",
)
WEB_PAGE = (
    "<!doctype html><html><head><meta charset=windows-1252><title>Käse</title>"
    "<style>p { color: red }</style></head><body><h1>Preise</h1><ul><li>Käse<li>Brot</ul>"
    "<table><tr><td>Tee<td>3<tr><td>Saft<td>4</table><script>alert(1)</script>"
    "<a href='https://example.com/'>mehr</a> <a href='javascript:alert(1)'>nie</a></body>"
).encode("cp1252")
RICH_TEXT = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}} Gr\'fc\'dfe \b an alle\b0\par Jo}"
MAIL = (
    b"From: =?iso-8859-1?q?J=F6rg?= <j@example.com>\r\nTo: sam@example.com\r\nSubject: Offer\r\n"
    b"Date: Mon, 30 Nov 2026 12:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    b'Content-Type: multipart/alternative; boundary="c"\r\n\r\n--c\r\n'
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Sch&ouml;n <b>HTML</b></p>\r\n--c\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable"
    b"\r\n\r\nSch=F6ne Gr=FC=DFe\r\n--c--\r\n--b\r\nContent-Type: application/pdf\r\n"
    b'Content-Disposition: attachment; filename="offer.pdf"\r\n\r\nx\r\n--b--\r\n'
)

# Name, data, lines that are in the text in this order, and what is said of the reading.
DOCUMENTS = {
    "letter": (
        "letter.docx",
        LETTER,
        ["# Offer 12", "Grüße, Jo", "| Item | Price |", "| Tea | 3 |", "split over runs"],
        "",
    ),
    "changes": ("a.docx", CHANGED, ["We pay twelve euros"], "only the final text"),
    "notes": ("a.docx", NOTED, ["Claim", "The source", "Really?"], ""),
    "fields, directions, ruby": ("a.docx", WRAPPED, ["On 1 May", "abcdef", "漢(かん)字"], ""),
    "a table in a table": ("a.docx", NESTED, ["| Outer a, b |"], ""),
    "a header": ("a.docx", HEADED, ["Body", "[header] Confidential"], ""),
    "a picture": ("a.docx", LOGO, ["Body"], "1 picture in it was not read"),
    "macros": ("a.docm", MACROS, ["Body"], "its macros were not read"),
    "another name": ("letter.bin", LETTER, ["# Offer 12"], ""),
    "sheets": (
        "sheet.xlsx",
        SHEETS,
        [
            *("# Prices", "Item, Price, Note", '"Tea, green",3.5,"a ""good"" one"'),
            *("Sum, =SUM(B2:B2), TRUE", "0.3, 1e+21", "# Größen (hidden)", "klein"),
            "[comment at A1] Check this",
        ],
        "1 hidden sheet is included; 1 formula has no value in the file",
    ),
    "slides": (
        "talk.pptx",
        SLIDES,
        [
            *("# Slide 1: Plan", "First", "Second", "[note] Say hello"),
            *("# Slide 2 (hidden): Money", "Costs"),
        ],
        "1 hidden slide is included",
    ),
    "ODT": (
        "a.odt",
        TEXT,
        [
            "## Offer",
            "Grüße  Jo [note: a note]",
            "- one",
            "  - in",
            "| Item | Price |",
            "| Tea | 3 |",
        ],
        "only the final text",
    ),
    "ODS": ("a.ods", SPREADSHEET, ["# Prices (hidden)", "Tea, 3.5, 2026-09-01"], "1 hidden sheet"),
    "ODP": ("a.odp", PRESENTATION, ["# Slide 1", "Hello", "[note] Wave"], ""),
    "EPUB": ("a.epub", CHAPTERS, ["A book", "# One", "Grüße", "# Two", "[picture: A map]"], ""),
    "a web page": (
        "a.html",
        WEB_PAGE,
        [
            *("Käse", "# Preise", "- Käse", "- Brot", "| Tee | 3 |", "| Saft | 4 |"),
            "[mehr](https://example.com/) nie",
        ],
        "",
    ),
    "RTF": ("a.rtf", RICH_TEXT, ["Grüße an alle", "Jo"], ""),
    "a mail": (
        "a.eml",
        MAIL,
        [
            *("From: Jörg <j@example.com>", "Date: Mon, 30 Nov 2026 12:00:00 +0100"),
            *("Subject: Offer", "Attached: offer.pdf (not read)", "Schöne Grüße"),
        ],
        "1 file attached to it was not read",
    ),
}


@pytest.mark.row("O-142")
@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_is_read(ada_client, demo, case):
    name, data, lines, remarks = DOCUMENTS[case]
    reply = answered_with(ada_client, (name, data))
    attachment = Attachment.objects.get()
    found = [re.sub(" +$", "", line) for line in attachment.text.splitlines()]
    places = [next((n for n, each in enumerate(found) if line in each), -1) for line in lines]
    assert -1 not in places, (lines[places.index(-1)], attachment.text)
    assert places == sorted(places), attachment.text
    assert remarks in attachment.remarks
    assert bool(attachment.remarks) == bool(remarks)
    assert attachment.text in last_sent(demo)
    assert attachment.remarks in shown(ada_client, reply.parent).text
    assert "alert(1)" not in attachment.text
    assert "gone" not in attachment.text


@pytest.mark.parametrize("case", ["letter", "sheets", "a web page", "a mail"])
def test_the_file_itself_can_be_saved_and_opens_nowhere(ada_client, demo, case):
    name, data, *_ = DOCUMENTS[case]
    reply = answered_with(ada_client, (name, data))
    response = ada_client.get(page_of(ada_client, reply).links["Download"])
    assert b"".join(response) == data
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] in ("application/octet-stream", "text/plain")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("part.html", "<p>A <b>part</b> of a page</p>\n"),
        ("base.html", "<!doctype html><html>{% block content %}{% endblock %}</html>\n"),
        ("a.php.html", "<html><?php echo 1 ?></html>\n"),
        ("page.txt", "<!doctype html><html><body>source</body></html>\n"),
    ],
)
def test_markup_that_somebody_works_on_stays_as_it_is(ada_client, demo, name, text):
    answered_with(ada_client, (name, text.encode()))
    assert Attachment.objects.get().text == text


OLD = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
LOCKED = OLD + "EncryptedPackage".encode("utf-16-le") + bytes(600)


@pytest.mark.row("O-142")
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.doc", OLD, "save it as DOCX, XLSX, PPTX or PDF"),
        ("a.msg", OLD, "an old kind"),
        ("a.xlsb", office.archive({"xl/workbook.bin": b"x"}), "an old kind"),
        ("a.docx", LOCKED, "protected by a password"),
        ("a.docx", b"words that are no archive", "cannot be read"),
        ("a.docx", LETTER[: len(LETTER) // 2], "cannot be read"),
        ("a.docx", office.docx(""), "holds no text"),
        ("a.zip", office.archive({"a.txt": "words"}), "cannot be read here"),
        ("a.docx", office.archive({"b.docx": LETTER}), "cannot be read"),
        ("a.docx", office.with_entities("x", office.BILLION), "cannot be read"),
        ("a.docx", office.with_entities("x", office.FETCHED), "cannot be read"),
        ("a.docx", office.bomb("word/document.xml", b"<a>", 200), "too large when it is unpacked"),
        ("a.docx", office.bomb("word/document.xml", b"<a/>", 70), "cannot be read"),
        ("a.docx", office.bomb("word/media/a.png", b"", 500), "too large when it is unpacked"),
        ("a.docx", office.docx("<w:p>" * 20_000 + "</w:p>" * 20_000), "cannot be read"),
        ("a.epub", office.archive({}, "application/epub+zip"), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(ada_client, demo, media, name, data, words):
    response = send(ada_client, (name, data), text="What is this?")
    assert response.status_code == 422
    assert words in Page(response).alerts[0]
    assert not Attachment.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.row("O-142")
def test_a_sheet_without_end_is_read_as_far_as_there_is_time(ada_client, demo, settings):
    settings.ATTACHMENT_MAX_CHARS = 1_000
    answered_with(ada_client, ("a.xlsx", office.xlsx({"Long": [["word"] * 20] * 500})))
    attachment = Attachment.objects.get()
    assert attachment.given_chars == 1_000
    assert "only its beginning was read" in attachment.remarks


def test_a_document_that_takes_too_long_is_given_up(ada_client, demo, settings):
    settings.ATTACHMENT_SECONDS = 0.02
    response = send(ada_client, ("a.docx", LETTER))
    assert "takes too long" in Page(response).alerts[0]

"""What the model is given of a PDF beside the words of its pages."""

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Text
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from apps.chat.models import Attachment
from tests.chat.attachments.test_uploads import last_sent
from tests.chat.talk import answered_with, shown
from tests.uploads import pdf

pytestmark = pytest.mark.any_engine


def dictionary(**entries):
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def text(words):
    return TextStringObject(words)


def name(word):
    return NameObject(f"/{word}")


def field(kind, title=None, **entries):
    titled = {"T": text(title)} if title else {}
    return dictionary(FT=name(kind), **titled, **entries)


def form(*fields, **entries):
    """Return a PDF with these fields, each a dictionary or one with others below it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Application form"))))
    references = ArrayObject(_added(writer, each) for each in fields)
    acro = dictionary(Fields=references, NeedAppearances=BooleanObject(True), **entries)
    writer.root_object[NameObject("/AcroForm")] = acro
    return _written(writer)


def _added(writer, each):
    each, kids = each if isinstance(each, tuple) else (each, [])
    if kids:
        each[NameObject("/Kids")] = ArrayObject(_added(writer, kid) for kid in kids)
    return writer._add_object(each)


def _written(writer):
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


PUSH, SECRET = NumberObject(1 << 16), NumberObject(1 << 13)
PAIRS = ArrayObject(ArrayObject(map(text, pair)) for pair in [("de", "Germany"), ("fr", "Fr")])
FIELDS = [
    (field("Tx", "FullName", V=text("Alex Example")), "FullName: Alex Example"),
    (field("Tx", "f1", TU=text("Your city"), V=text("Köln")), "f1 (Your city): Köln"),
    (field("Tx", "Empty"), None),
    (field("Tx", "Pin", V=text("1234"), Ff=SECRET), None),
    (field("Ch", "Land", V=text("de"), Opt=PAIRS), "Land: Germany"),
    (field("Ch", "Both", V=ArrayObject([text("de"), text("fr")]), Opt=PAIRS), "Both: Germany, Fr"),
    (field("Ch", "Plain", V=text("Blue"), Opt=ArrayObject([text("Blue")])), "Plain: Blue"),
    (field("Btn", "Agreed", V=name("Yes")), "Agreed: yes"),
    (field("Btn", "Declined", V=name("Off")), None),
    (field("Btn", "Shown", AS=name("On")), "Shown: On"),
    (field("Btn", "Send", Ff=PUSH), None),
    (field("Sig", "Signature", V=dictionary()), None),
    (
        (field("Btn", "Paid", V=name("Card")), [dictionary(AS=name("Card")), dictionary()]),
        "Paid: Card",
    ),
    (
        (field("Tx", "person"), [
            dictionary(T=text("first"), V=text("Ada")),
            (dictionary(T=text("home")), [dictionary(T=text("zip"), V=text("50667"))]),
        ]),
        "person.first: Ada\nperson.home.zip: 50667",
    ),
]  # fmt: skip


@pytest.mark.row("O-142")
def test_what_was_filled_into_a_form_is_read(ada_client, demo):
    answered_with(ada_client, ("form.pdf", form(*(each for each, _ in FIELDS))))
    lines = [line for _, line in FIELDS if line]
    assert "\n".join([*lines, "", "Application form"]) in last_sent(demo)


def test_a_form_that_leads_in_circles_ends(ada_client, demo):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(form(field("Tx", "A", V=text("b"))))))
    fields = writer.root_object["/AcroForm"]["/Fields"]
    fields[0].get_object()[NameObject("/Kids")] = ArrayObject([fields[0]])
    answered_with(ada_client, ("form.pdf", _written(writer)))
    assert "Application form" in last_sent(demo)


def test_a_form_that_only_one_program_shows_is_told(ada_client, demo):
    answered_with(ada_client, ("form.pdf", form(XFA=ArrayObject())))
    assert Attachment.objects.get().remarks == "its form cannot be read"


@pytest.mark.row("O-142")
def test_comments_are_read_at_their_page(ada_client, demo):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Page one", "Page two"))))
    place = (10, 10, 60, 60)
    writer.add_annotation(0, Text(rect=place, text="Is this right?"))
    writer.add_annotation(1, FreeText(rect=place, text="Grüße"))
    marked = dictionary(
        Type=name("Annot"),
        Subtype=name("Highlight"),
        Rect=ArrayObject(map(FloatObject, place)),
        Contents=text("Important"),
    )
    writer.add_annotation(1, marked)
    answered_with(ada_client, ("a.pdf", _written(writer)))
    assert (
        "Page one\n[comment] Is this right?\n\nPage two\n[comment] Grüße\n"
        "[comment on a marked place] Important"
    ) in last_sent(demo)


@pytest.mark.row("O-142")
def test_pages_without_text_are_counted(ada_client, demo):
    reply = answered_with(ada_client, ("scan.pdf", pdf("One", "", "Three", "", "Five")))
    words = "2 of 5 pages hold no text: perhaps scanned"
    assert words in shown(ada_client, reply.parent).text
    assert f'note="{words}"' in last_sent(demo)


def test_files_in_a_pdf_are_told(ada_client, demo):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Invoice"))))
    writer.add_attachment("invoice.xml", b"<x/>")
    answered_with(ada_client, ("a.pdf", _written(writer)))
    assert Attachment.objects.get().remarks == "1 file attached to it was not read"

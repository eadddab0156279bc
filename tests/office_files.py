"""Office documents, e-books and mails as programs write them, and as nobody should."""

import io
import zipfile

from openpyxl import Workbook
from openpyxl.comments import Comment

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org"
WORD = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
PACKAGE = f"{OFFICE}/package/2006"
LINKS = f"{OFFICE}/officeDocument/2006/relationships"
ENTITIES = "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9)
)  # The last of them is two gigabytes.
BILLION = f"<!DOCTYPE x [{ENTITIES}]>"
FETCHED = '<!DOCTYPE x [<!ENTITY e8 SYSTEM "file:///etc/passwd">]>'


def archive(parts, mimetype=None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        if mimetype:
            packed.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, data in parts.items():
            packed.writestr(name, data)
    return file.getvalue()


def relations(*links):
    """Return a part that names others: pairs of a kind and a target."""
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def docx(body, type_declaration="", comments="", footnotes="", parts=None):
    """Return a DOCX with this WordprocessingML as its body."""
    links = [("styles", "styles.xml")]
    made = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": f"{XML}{type_declaration}<w:document {WORD}>"
        f"<w:body>{body}</w:body></w:document>",
    }
    if comments:
        links.append(("comments", "comments.xml"))
        made["word/comments.xml"] = f"{XML}<w:comments {WORD}>{comments}</w:comments>"
    if footnotes:
        links.append(("footnotes", "footnotes.xml"))
        made["word/footnotes.xml"] = f"{XML}<w:footnotes {WORD}>{footnotes}</w:footnotes>"
    made["word/_rels/document.xml.rels"] = relations(*links)
    return archive(made | (parts or {}))


def paragraph(text, style=""):
    style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{style}{run(text)}</w:p>"


def run(text, tag="t"):
    return f'<w:r><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'


def table(*rows):
    cells = "".join(
        f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in row)}</w:tr>" for row in rows
    )
    return f"<w:tbl>{cells}</w:tbl>"


def xlsx(sheets, hidden=(), comments=None):
    """Return an XLSX with these rows, as openpyxl writes them: formulas have no values."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
        for place, text in (comments or {}).items():
            sheet[place].comment = Comment(text, "Ada")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pptx(*slides):
    """Return a PPTX; each slide is a title, its paragraphs, its notes and whether it is hidden."""
    spaces = f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:r="{LINKS}"'
    spaces += f' xmlns:p="{OFFICE}/presentationml/2006/main"'
    places = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n + 1}"/>' for n in range(len(slides)))
    parts = {
        "ppt/presentation.xml": f"{XML}<p:presentation {spaces}><p:sldIdLst>{places}"
        "</p:sldIdLst></p:presentation>",
        # The order of the slides is not that of their numbers.
        "ppt/_rels/presentation.xml.rels": relations(
            *(("slide", f"slides/slide{len(slides) - n}.xml") for n in range(len(slides)))
        ),
    }
    for place, (title, texts, notes, is_hidden) in enumerate(slides):
        number = len(slides) - place
        shapes = _shape("title", [title]) + _shape("body", texts) + _shape("sldNum", ["7"])
        show = ' show="0"' if is_hidden else ""
        parts[f"ppt/slides/slide{number}.xml"] = _slide("sld", spaces + show, shapes)
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
            ("notesSlide", f"../notesSlides/notesSlide{number}.xml")
        )
        parts[f"ppt/notesSlides/notesSlide{number}.xml"] = _slide(
            "notes", spaces, _shape("body", notes)
        )
    return archive(parts)


def _slide(tag, attributes, shapes):
    tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
    return f"{XML}<p:{tag} {attributes}>{tree}</p:{tag}>"


def _shape(kind, texts):
    lines = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts)
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>'
    return f"<p:sp>{place}<p:txBody>{lines}</p:txBody></p:sp>"


def open_document(kind, body, styles=""):
    """Return an ODT, ODS or ODP with this body."""
    names = ("office", "text", "table", "draw", "style", "presentation")
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'.replace(
            "draw:1", "drawing:1"
        )
        for name in names
    )
    content = (
        f"{XML}<office:document-content {spaces}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>"
    )
    return archive({"content.xml": content}, f"application/vnd.oasis.opendocument.{kind}")


def epub(*chapters):
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    made = {
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
        'container"><rootfiles><rootfile full-path="in/book.opf"/></rootfiles></container>',
        "in/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/'
        f'dc/elements/1.1/"><metadata><dc:title>A book</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        **{f"in/c{number}.xhtml": html for number, html in enumerate(chapters)},
    }
    return archive(made, "application/epub+zip")


def bomb(name, prefix, megabytes):
    """Return an archive with one part that grows to so much."""
    return archive({name: prefix + b" " * (megabytes << 20)})


def with_entities(body, type_declaration):
    return docx(f"<w:p><w:r><w:t>&e8;{body}</w:t></w:r></w:p>", type_declaration)

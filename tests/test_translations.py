"""Every string that a page can show has its German, and the server has it compiled."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

from apps.users.models import User
from tests.factories import make_conversation, make_reply
from tests.page import Page

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "site_config/locale/de/LC_MESSAGES"
CATALOGUE = polib.pofile(str(ROOT / FOLDER / "django.po"))
MODULES = sorted([*ROOT.glob("apps/**/*.py"), *ROOT.glob("site_config/**/*.py")])
TEMPLATES = sorted(
    path
    for folder in (ROOT / "templates", *ROOT.glob("apps/*/templates"))
    for path in folder.rglob("*")
    if path.suffix in (".html", ".txt")
)
WITHOUT_WORDS = {
    ROOT / "templates/500.html",  # It is English only: it renders without a context.
    ROOT / "templates/chat/_outside_fields.html",  # These two are conditions
    ROOT / "templates/chat/_send_key.html",  # in an hx-trigger.
}

EXTRACT = (
    "SECRET_KEY=x python manage.py makemessages -l de --no-location --no-obsolete"
    " -i static -i static_root -i tests -i scripts -i requirements"
)
COMPILE = "SECRET_KEY=x python manage.py compilemessages -l de -i .venv"
HOW = f"""

With Debian's gettext installed, run

    {EXTRACT}

translate what is empty or fuzzy in {FOLDER}/django.po, and run

    {COMPILE}
"""

# What the arguments of each function are, in gettext's words; those in `_lazy` take the same.
ARGUMENTS = {
    "_": ["msgid"],
    "gettext": ["msgid"],
    "ngettext": ["msgid", "msgid_plural"],
    "pgettext": ["msgctxt", "msgid"],
    "npgettext": ["msgctxt", "msgid", "msgid_plural"],
}
CALL = re.compile(r"""\b(?:_|n?p?gettext)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")

SHOWN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
NAMES = {"Parlor"}


def strings_in(source):
    """Yield (context, singular, plural) for each call in Python source that translates."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = ast.unparse(node.func).rpartition(".")[2]
        names = ARGUMENTS.get(function.removesuffix("_lazy").removesuffix("_noop"))
        if not names:
            continue
        found = dict(zip(names, node.args, strict=False))
        if isinstance(found["msgid"], ast.Name | ast.Attribute):
            continue  # Marked elsewhere, with gettext_noop.
        literals = {name: getattr(value, "value", None) for name, value in found.items()}
        assert all(isinstance(each, str) for each in literals.values()), (
            f"Only a plain string can be found and translated: {ast.unparse(node)}"
        )
        yield tuple(literals.get(name, "") for name in ("msgctxt", "msgid", "msgid_plural"))


def strings_in_template(source):
    for call in CALL.findall(templatize(source)):
        yield from strings_in(call)


def strings_in_sources():
    """Map each translatable string to a file that has it."""
    found = {}
    for paths, read in ((MODULES, strings_in), (TEMPLATES, strings_in_template)):
        for path in paths:
            for string in read(path.read_text()):
                found.setdefault(string, str(path.relative_to(ROOT)))
    return found


def texts(entry):
    """Return the pairs of English and German in an entry; a plural has two."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    english = [entry.msgid, entry.msgid_plural]
    return [(english[min(n, 1)], german) for n, german in sorted(entry.msgstr_plural.items())]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("_('One')", [("", "One", "")]),
        ("translation.gettext_lazy('One ' 'two')", [("", "One two", "")]),
        ("ngettext('{n} day', '{n} days', n).format(n=n)", [("", "{n} day", "{n} days")]),
        ("pgettext('month', 'May')", [("month", "May", "")]),
        ("gettext(failure.sentence)", []),
        ("print('One')", []),
    ],
)
def test_strings_of_modules_are_found(source, found):
    assert list(strings_in(source)) == found


@pytest.mark.parametrize("source", ["_(f'{n} days')", "_('Day %s' % n)", "gettext('a' + b)"])
def test_a_string_that_cannot_be_found_is_an_error(source):
    with pytest.raises(AssertionError):
        list(strings_in(source))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "Don\'t" %}', [("", "Don't", "")]),
        ("<p title=\"{% translate 'One (two)' as it %}\">", [("", "One (two)", "")]),
        ("{% blocktranslate with a=b %}Hi {{ a }}{% endblocktranslate %}", [("", "Hi %(a)s", "")]),
        (
            "{% blocktranslate count n=m %}{{ n }} day{% plural %}{{ n }} days"
            "{% endblocktranslate %}",
            [("", "%(n)s day", "%(n)s days")],
        ),
        ('{{ name|default:_("Nobody") }}', [("", "Nobody", "")]),
        ('{% include "a.html" with b=_("One") %}', [("", "One", "")]),
        ("<p>One</p>", []),
    ],
)
def test_strings_of_templates_are_found(source, found):
    assert list(strings_in_template(source)) == found


def test_every_string_is_in_the_catalogue():
    known = {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in CATALOGUE}
    known |= {(context, one, "") for context, one, _many in known}

    missing = [
        f"{one!r} of {path}"
        for (context, one, many), path in strings_in_sources().items()
        if (context, one, many) not in known
    ]

    assert not missing, "\n".join(missing) + HOW


def test_the_catalogue_holds_no_string_that_is_gone():
    used = {(context, one) for context, one, _many in strings_in_sources()}

    gone = [entry.msgid for entry in CATALOGUE if (entry.msgctxt or "", entry.msgid) not in used]

    assert not gone, "\n".join(gone) + HOW


def test_every_entry_is_translated():
    unfinished = [entry.msgid for entry in CATALOGUE if not entry.translated()]

    assert not unfinished, "\n".join(unfinished) + HOW


def test_a_translation_has_the_placeholders_of_its_string():
    different = [
        (english, german)
        for entry in CATALOGUE
        for english, german in texts(entry)
        if set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(german))
    ]

    assert different == []


def test_the_compiled_catalogue_is_up_to_date():
    compiled = polib.mofile(str(ROOT / FOLDER / "django.mo"))

    def content(catalogue):
        return {(entry.msgctxt or "", entry.msgid): texts(entry) for entry in catalogue}

    assert content(compiled) == content(CATALOGUE), HOW
    assert compiled.metadata["Plural-Forms"] == CATALOGUE.metadata["Plural-Forms"], HOW


class Shown(HTMLParser):
    """Collect what a reader sees or hears of markup, but for what is to be typed as it is."""

    def __init__(self, markup):
        super().__init__()
        self.texts = []
        self.in_code = False
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.texts += [value or "" for name, value in attributes if name in SHOWN_ATTRIBUTES]
        self.in_code = tag == "code"

    def handle_endtag(self, tag):
        self.in_code = False

    def handle_data(self, data):
        if not self.in_code:
            self.texts.append(data)


def without_tags(source):
    """Return the template without its tags, its variables and what is marked for translation."""
    kept = []
    inside = ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if name == f"end{inside}":
                inside = ""
            elif name in ("blocktranslate", "blocktrans", "comment"):
                inside = name
            elif name == "block" and token.contents.endswith("_class"):
                inside = name  # It fills an attribute of base.html.
    return "".join(kept)


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path not in WITHOUT_WORDS], ids=lambda path: path.name
)
def test_every_word_of_a_template_is_marked(path):
    shown = Shown(without_tags(path.read_text())).texts

    words = {word for text in shown for word in re.findall(r"[^\W\d_]{2,}", text)}

    assert words - NAMES == set(), "Put it into {% translate %}."


def test_unmarked_words_are_found():
    markup = """<p title="One">Two {% translate "three" %} {{ four }}</p>
        {% blocktranslate %}five{% endblocktranslate %}{# six #}<a class="seven">Eight</a>
        <code>nine</code>"""

    assert " ".join(Shown(without_tags(markup)).texts).split() == ["One", "Two", "Eight"]


@pytest.fixture
def german(ada_client):
    """A client of a person who wants German."""
    User.objects.update(language="de")
    return ada_client


def test_the_chat_is_german(german):
    page = Page(german.get("/chat/new/"))

    assert page.all("html[@lang='de']")
    assert "Neues Gespräch" in page.links
    assert "Senden" in page.composer_buttons


def test_the_profile_is_german(german):
    page = Page(german.get("/users/profile/"))

    assert page.all("html[@lang='de']")
    assert "Zeitzone" in page.text
    assert "Speichern" in page.buttons


def test_an_error_is_told_in_german(german, ada):
    conversation = make_conversation(ada, "Hello")
    make_reply(conversation, state="error", error="rate")

    page = Page(german.get(conversation.get_absolute_url()))

    [reply] = [message for message in page.messages if message.error]
    assert reply.note == "Der KI-Dienst ist ausgelastet. Versuch es gleich noch einmal."


def test_a_form_is_refused_in_german(german):
    response = german.post("/chat/new/", {"message": " "})

    assert response.status_code == 422
    assert Page(response).alerts == ["Schreib zuerst eine Nachricht."]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/chat/",
        "/chat/new/",
        "/gallery/",
        "/users/profile/",
        "/users/logout/",
        "/users/email/",
        "/users/mfa/",
        "/users/password/change/",
        "/nowhere/",
    ],
)
def test_no_english_is_left_on_a_page(german, path):
    html = german.get(path, follow=True).content.decode()

    shown = {text.strip() for text in Shown(html).texts}

    changed = {english for entry in CATALOGUE for english, own in texts(entry) if english != own}
    assert shown & (changed - {"English"}) == set()  # A language is called by its own name.


@pytest.mark.parametrize("path", ["/users/login/", "/users/register/", "/users/password/reset/"])
def test_a_stranger_is_greeted_in_the_language_of_the_browser(client, db, path):
    page = Page(client.get(path, headers={"Accept-Language": "de-AT, en;q=0.5"}))

    assert page.all("html[@lang='de']")
    assert "Anmelden" in page.links

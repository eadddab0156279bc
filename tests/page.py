"""A page as its reader finds it: by roles, names and words, not by classes."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import TreeBuilder

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.builder = TreeBuilder()
        self.open = []
        self.builder.start("page", {})

    def handle_starttag(self, tag, attributes):
        self.builder.start(tag, {name: value or "" for name, value in attributes})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> ends nothing"
        assert self.open.pop() == tag, f"</{tag}> ends another element"
        self.builder.end(tag)

    def handle_data(self, data):
        self.builder.data(data)


def parse(html):
    """Return the root element; every element that is not void has to be closed."""
    parser = _Parser()
    parser.feed(html.replace("\r\n", "\n").replace("\r", "\n"))  # As browsers do.
    parser.close()
    assert not parser.open, f"Never closed: {parser.open}"
    parser.builder.end("page")
    return parser.builder.close()


def words(element):
    return " ".join("".join(element.itertext()).split())


class Page:
    def __init__(self, response):
        html = response if isinstance(response, str) else response.content.decode()
        self.root = parse(html)

    def all(self, path):
        return self.root.findall(f".//{path}")

    def named(self, name):
        """Return the element with this id."""
        return self.root.find(f".//*[@id='{name}']")

    @property
    def text(self):
        return words(self.root)

    @property
    def messages(self):
        return [Article(element, self) for element in self.all("article")]

    @property
    def replies(self):
        return [article for article in self.messages if article.name == "Assistant"]

    @property
    def alerts(self):
        found = [words(element) for element in self.all("*[@role='alert']")]
        return [text for text in found if text]

    @property
    def typed(self):
        """What stands in the composer; browsers drop a line feed at the start of a textarea."""
        text = "".join(self.all("textarea[@name='message']")[0].itertext())
        return text.removeprefix("\n")

    @property
    def key(self):
        return self.all("input[@name='key']")[0].get("value")

    @property
    def buttons(self):
        return buttons(self.root)

    @property
    def composer_buttons(self):
        return buttons(self.named("composer"))

    @property
    def links(self):
        return links(self.root)


class Article:
    """A message on the page."""

    def __init__(self, element, page):
        self.element = element
        labels = [page.named(name) for name in element.get("aria-labelledby").split()]
        self.name = words(labels[0])
        self.state = element.get("data-state")
        self.error = element.get("data-error")
        self.is_busy = element.get("aria-busy") == "true"
        self.text = words(element)
        self.buttons = buttons(element)
        self.body = next(each for each in element.iter("div") if _has_class(each, "message__body"))

    @property
    def shown(self):
        return visible_words(self.body)

    @property
    def note(self):
        """What the message says beside its text and its actions."""
        cards = (each for each in self.element.iter("div") if _has_class(each, "message__error"))
        card = next(cards, None)
        return "" if card is None else words(card.find("p"))


def buttons(element, action=None):
    """Map the names of the buttons to where they send the form."""
    found = {}
    if element.tag == "form":
        action = element.get("action")
    if element.tag == "button":
        found[element.get("aria-label") or words(element)] = element.get("formaction") or action
    for child in element:
        found |= buttons(child, action)
    return found


def links(element):
    return {words(link): link.get("href") for link in element.iter("a")}


def visible_words(element):
    """Return what is shown of a reply that has grown: the style sheet hides what was replaced."""
    return " ".join("".join(_visible(element)).split())


def _visible(element):
    yield element.text or ""
    children = list(element)
    for number, child in enumerate(children):
        later = children[number + 1 :]
        is_replaced = _has_class(child, "tail") and any(map(_replaces, later))
        is_note = _has_class(child, "note") and bool(later)
        if not (is_replaced or is_note):
            yield from _visible(child)
        if child.tag in ("p", "div", "li", "br", "pre", "td", "th", "tr", "h2", "h3"):
            yield " "
        yield child.tail or ""


def _replaces(element):
    return _has_class(element, "block") or _has_class(element, "tail--first")


def _has_class(element, name):
    return re.search(rf"(^|\s){name}(\s|$)", element.get("class", "")) is not None

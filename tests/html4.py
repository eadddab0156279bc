"""A browser that knows HTML 4 and no more: no script, no `form`, `formaction` or `formmethod`."""

from urllib.parse import urlencode, urljoin, urlsplit

from tests.page import Page, words


class Browser:
    """Follow links and press buttons of a Django test client's pages, as they are named."""

    def __init__(self, client):
        self.client = client
        self.path = self.page = None

    def open(self, path):
        return self.show(path, self.client.get(path))

    def follow(self, name):
        return self.open(urljoin(self.path, self.page.links[name]))

    def press(self, name, /, nth=0, **typed):
        """Press the button of this name, the last of them for -1; what is typed goes with it."""
        form, button = [each for each in presses(self.page) if each[1].name == name][nth]
        return self.send(form, button, typed)

    def send(self, form, button, typed):
        fields = form.values() | {name: _as_list(value) for name, value in typed.items()}
        if button.field:
            fields.setdefault(button.field, []).append(button.value)
        target = urljoin(self.path, form.action)
        if form.method != "post":
            return self.open(f"{urljoin(target, urlsplit(target).path)}?{urlencode(fields, True)}")
        if form.is_multipart:
            response = self.client.post(target, fields)
        else:
            kind = "application/x-www-form-urlencoded"
            response = self.client.post(target, urlencode(fields, True), content_type=kind)
        return self.show(target, response)

    def show(self, path, response):
        """Show the page, as an answer or as text, or the one that the answer leads to.

        The page that waits for a reply is passed over: the test opens the plain one when it likes.
        """
        if getattr(response, "status_code", 200) in (302, 303):
            return self.open(urljoin(path, response["Location"]).replace("/follow/", "/"))
        self.path, self.page = path, Page(response)
        return self.page


class Form:
    def __init__(self, element):
        self.element = element
        self.action = element.get("action", "")
        self.method = element.get("method", "get").lower()
        self.is_multipart = element.get("enctype") == "multipart/form-data"

    def values(self):
        """Return the values of the fields, buttons and files aside, by their names."""
        found = {}
        for field in self.element.iter():
            name = field.get("name")
            if name and field.tag in _VALUES:
                found.setdefault(name, []).extend(_VALUES[field.tag](field))
        return found


class Button:
    def __init__(self, element):
        self.element = element
        self.name = element.get("aria-label") or words(element)
        self.field, self.value = element.get("name"), element.get("value", "")


def presses(page):
    """Yield each form of the page with each button that is in it."""
    for element in page.root.iter("form"):
        assert not element.findall(".//form"), f"A form in a form: {element.get('action')}"
        for button in element.iter("button"):
            yield Form(element), Button(button)


def _of_input(field):
    kind = field.get("type", "text")
    if kind in ("checkbox", "radio"):
        return [field.get("value", "on")] if "checked" in field.attrib else []
    return [] if kind in ("file", "submit", "button") else [field.get("value", "")]


def _of_select(field):
    options = list(field.iter("option"))
    chosen = [each for each in options if "selected" in each.attrib] or options[:1]
    return [each.get("value", words(each)) for each in chosen]


def _of_textarea(field):
    return ["".join(field.itertext()).removeprefix("\n")]


_VALUES = {"input": _of_input, "select": _of_select, "textarea": _of_textarea}


def _as_list(value):
    return value if isinstance(value, list) else [value]

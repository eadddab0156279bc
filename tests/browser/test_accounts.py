import re
from itertools import count

from playwright.sync_api import expect

PASSWORD = "korrekt-pferd-77"
numbers = count(1)


def test_a_person_registers_logs_out_and_logs_in(visitor):
    name = f"newcomer-{next(numbers)}"
    visitor.open("/")
    visitor.use("link", "Register")
    visitor.fill("Username", name)
    visitor.fill("Password", PASSWORD)
    visitor.use("button", "Register")
    expect(visitor.page).to_have_url(re.compile("/chat/$"))
    visitor.use("button", "Log out")
    expect(visitor.control("link", "Log in")).to_be_visible()
    visitor.use("link", "Log in")
    visitor.fill("Username", name)
    visitor.fill("Password", PASSWORD)
    visitor.press("Enter")
    expect(visitor.page).to_have_url(re.compile("/chat/$"))
    expect(visitor.control("button", "Log out")).to_be_visible()


def test_a_wrong_password_is_said_and_the_name_kept(visitor, watch):
    watch.expect("422")
    visitor.open("/users/login/")
    visitor.fill("Username", "nobody-of-this-name")
    visitor.fill("Password", "wrong-horse")
    visitor.press("Enter")
    expect(visitor.alert.filter(has_text=re.compile("password", re.IGNORECASE))).to_be_visible()
    expect(visitor.control("textbox", "Username")).to_have_value("nobody-of-this-name")

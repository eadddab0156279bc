"""What the settings read is what `.env.example` and the README promise, and the other way round."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ["site_config/settings.py", "site_config/gunicorn.py"]


def settings_that_are_read():
    """Map each variable to its default, as it would be written; None where it depends."""
    found = {}
    for source in SOURCES:
        for node in ast.walk(ast.parse((ROOT / source).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env."):
                match node.args:
                    case [ast.Constant(value=name)]:
                        found.setdefault(name, set()).add(written_default(node))
    return found


def written_default(call):
    for keyword in call.keywords:
        if keyword.arg == "default":
            try:
                default = ast.literal_eval(keyword.value)
            except ValueError:
                return None  # A path in the project's folder.
            if isinstance(default, list):
                return ",".join(default)
            return str(default).lower() if isinstance(default, bool) else f"{default}"
    return ""


def settings_in_example():
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line))


def settings_in_readme():
    section = (ROOT / "README.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", section, re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def test_sources_are_read_as_they_are_written():
    assert {"SECRET_KEY", "DATABASE_POOL", "HOST"} <= set(settings_that_are_read())


def test_the_example_names_every_setting_and_no_other():
    assert set(settings_in_example()) == set(settings_that_are_read())


def test_the_readme_names_every_setting_and_no_other():
    assert set(settings_in_readme()) == set(settings_that_are_read())


def test_the_readme_and_the_example_agree_on_the_defaults():
    assert settings_in_readme() == settings_in_example()


@pytest.mark.parametrize("name", sorted(settings_that_are_read()))
def test_the_example_shows_the_default(name):
    for default in settings_that_are_read()[name] - {None}:
        assert same_value(settings_in_example()[name], default)


def same_value(one, other):
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def test_each_line_of_the_example_has_one_line_of_explanation():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#[A-Z_]+=", line):
            assert re.match(r"# [A-Z].*[.]$", lines[number - 1]), line

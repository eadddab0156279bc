"""How style sheets are joined when static files are collected."""

import os

import pytest
from django.core.management import call_command

from site_config.static_files import StyleSheetStorage

SHEETS = {
    "css/all.css": '/* All. */\n@import "one.css";\n@import "two.css";\n',
    "css/one.css": "@layer base, components;\n",
    "css/two.css": "@layer components { a { color: red; } }\n",
    "icon.svg": '@import "one.css";\n',
}


@pytest.fixture
def storage(tmp_path):
    (tmp_path / "css").mkdir()
    for name, text in SHEETS.items():
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1_000_000, 1_000_000))
    return StyleSheetStorage(location=tmp_path)


def test_a_style_sheet_holds_those_that_it_imports_in_their_order(storage):
    with storage.open("css/all.css") as file:
        text = file.read().decode()
    assert text.split() == f"/* All. */ {SHEETS['css/one.css']} {SHEETS['css/two.css']}".split()


@pytest.mark.parametrize("name", ["css/one.css", "icon.svg"])
def test_other_files_stay_as_they_are(storage, name):
    with storage.open(name) as file:
        assert file.read().decode() == SHEETS[name]


def test_a_style_sheet_changes_with_those_that_it_imports(storage, tmp_path):
    before = storage.get_modified_time("css/all.css")
    os.utime(tmp_path / "css/two.css", (2_000_000, 2_000_000))
    assert storage.get_modified_time("css/all.css") > before
    assert storage.get_modified_time("css/one.css") == before


def test_the_sheet_of_the_pages_is_collected_in_one_piece(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    call_command("collectstatic", "--noinput", "-v0")
    sheet = (tmp_path / "css/parlor.css").read_text()
    assert "@import" not in sheet
    assert sheet.count("@layer base, layout, components;") == 1

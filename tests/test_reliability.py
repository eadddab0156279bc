"""Every row of the reliability matrix has a test; the tests carry the rows as marks."""

import ast
from pathlib import Path

import pytest

from tests.reliability import READ_AS, ROWS

TESTS = Path(__file__).parent


def marks(path):
    """Yield what each `pytest.mark.row(...)` in the file names."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="row")):
                yield from map(ast.literal_eval, node.args)


@pytest.fixture(scope="module")
def proven():
    return {row for path in TESTS.rglob("test_*.py") for row in marks(path)}


def test_the_table_has_every_row():
    assert list(ROWS) == [f"O-{number:03}" for number in range(1, 122)]
    assert set(READ_AS) <= set(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test(proven, row):
    assert row in proven, f"{row}: {ROWS[row]}"


def test_tests_carry_rows_of_the_table(proven):
    assert proven <= set(ROWS)

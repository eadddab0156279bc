"""Every row of the reliability matrix has a test; the tests carry the rows as marks."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.reliability import CASES, READ_AS, ROWS

TESTS = Path(__file__).parent


def marks(node, name):
    """Yield the arguments of each `pytest.mark.<name>(...)` in the tree."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=attr)):
                if attr == name:
                    yield [ast.literal_eval(argument) for argument in each.args]


def proofs(path):
    """Yield the rows that each test proves, and whether of threads alone."""
    tree = ast.parse(path.read_text())
    reasons = {
        target.id
        for each in tree.body
        if isinstance(each, ast.Assign) and any(marks(each, "threads"))
        for target in each.targets
    }
    for test in filter(lambda each: isinstance(each, ast.FunctionDef), tree.body):
        names = {each.id for each in test.decorator_list if isinstance(each, ast.Name)}
        is_of_threads = bool(names & reasons) or any(marks(test, "threads"))
        for rows in marks(test, "row"):
            yield rows, is_of_threads


@pytest.fixture(scope="module")
def proven():
    """The rows with their tests: whether each is of threads alone."""
    found = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        for rows, is_of_threads in proofs(path):
            for row in rows:
                found[row].append(is_of_threads)
    return found


def test_the_table_has_every_row():
    assert list(ROWS) == sorted(ROWS)
    assert len(ROWS) == len(CASES.strip().splitlines())
    assert set(READ_AS) <= set(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test(proven, row):
    assert row in proven, f"{row}: {ROWS[row]}"
    assert not all(proven[row]), f"{row}, with workers: {ROWS[row]}"


def test_tests_carry_rows_of_the_table(proven):
    assert set(proven) <= set(ROWS)

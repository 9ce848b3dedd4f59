"""What is changed of a program, and what is left alone."""

from collections import Counter
from textwrap import dedent

import pytest

from harness.experiments.mutants.operators import changes


def made(source: str) -> list[str]:
    """The program with each change, the changes of each kind after each other."""
    text = dedent(source).strip().encode()
    return [change.applied(text).decode() for change in changes(text)]


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a < b", ["a <= b"]),
        ("a >= b", ["a > b"]),
        ("a == b != c", ["a != b != c", "a == b == c"]),
        ("a is None", ["a is not None"]),
        ("a is  not None", ["a is None"]),
        ("a in b", ["a not in b"]),
        ("a not in b", ["a in b"]),
        ("a and b or c", ["a or b or c", "a and b and c"]),
        ("not a", ["a"]),
        ("a + b", ["a - b"]),
        ("a * b / c", ["a / b / c", "a * b * c"]),
        ("a[1]", ["a[(1 + 1)]"]),
        ("f(0)", ["f(1)"]),
        ("f(x=True)", ["f(x=False)"]),
        ("a if b else c", ["a if not (b) else c"]),
        ("a if not b else c", ["a if b else c"]),
        ('"ä" if a < b else c', ['"ä" if a <= b else c', '"ä" if not (a < b) else c']),
        ("select(a).where(b)", ["select(a)"]),
        ("select(a).where(b, c, d)", ["select(a).where(c, d)", "select(a).where(b, d)", "select(a).where(b, c)"]),
        ("and_(a, b)", ["and_(b)", "and_(a)"]),
        ("and_(*a)", []),
        ("(a)==(b)", ["(a)!=(b)"]),
    ],
)  # fmt: skip
def test_one_thing_is_changed_at_a_time(source, changed):
    assert sorted(made(source)) == sorted(changed)


def test_an_await_is_left_away():
    source = "async def f():\n    await g(1)"
    assert made(source) == ["async def f():\n    g(1)", "async def f():\n    await g((1 + 1))"]


def test_a_branch_is_taken_the_other_way():
    assert made("if a:\n    b()\nelif c:\n    d()") == [
        "if not (a):\n    b()\nelif c:\n    d()",
        "if a:\n    b()\nelif not (c):\n    d()",
    ]


@pytest.mark.parametrize(
    "source",
    [
        '"""A module WHERE one AND two."""',
        "def f():\n    'True WHERE a AND b'",
        "@dataclass(frozen=True)\nclass A:\n    a: int",
        "log.warning('%s', 1)",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "if TYPE_CHECKING:\n    import a",
        "'no sql and nothing else where it is'",
    ],
)
def test_what_happens_in_no_program_is_left_alone(source):
    assert made(source) == []


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("SELECT a FROM b WHERE c = 1", ["SELECT a FROM b WHERE true"]),
        (
            "DELETE FROM b WHERE c = 1 AND d < :e RETURNING a",
            ["DELETE FROM b WHERE true AND d < :e RETURNING a", "DELETE FROM b WHERE c = 1 AND true RETURNING a"],
        ),
        ("(a AND b)", ["(a AND true )"]),
        (
            "SELECT 1 WHERE a BETWEEN 1 AND 2 AND b",
            ["SELECT 1 WHERE true AND b", "SELECT 1 WHERE a BETWEEN 1 AND 2 AND true"],
        ),
        (
            "UPDATE t SET x = 1 WHERE id IN (SELECT id FROM t WHERE {DUE} LIMIT 1) RETURNING id",
            [
                "UPDATE t SET x = 1 WHERE true RETURNING id",
                "UPDATE t SET x = 1 WHERE id IN (SELECT id FROM t WHERE true LIMIT 1) RETURNING id",
            ],
        ),
        ("SELECT 1 WHERE a = ' AND b'", ["SELECT 1 WHERE true"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ['"{}"', '"""\n{}\n"""'])
def test_a_condition_of_sql_loses_one_conjunct(statement, left, form):
    source = f"a = {form.replace('{}', statement)}"
    read = [" ".join(one.removeprefix("a = ").strip('"').split()) for one in made(source)]
    assert sorted(read) == sorted(" ".join(one.split()) for one in left)


def test_a_condition_of_sql_may_have_names_in_it():
    source = 'f"SELECT a FROM b WHERE {IS_OPEN} AND c < {d!r}"'
    assert made(source) == [
        'f"SELECT a FROM b WHERE true AND c < {d!r}"',
        'f"SELECT a FROM b WHERE {IS_OPEN} AND true "',
    ]


def test_it_is_known_which_lines_say_that_a_change_was_reached():
    source = dedent("""
        LIMIT = 7

        def f(a=1):
            if (
                a < 2
            ):
                return (a
                    + 3)
    """).strip()
    found = {change.applied(source.encode()).decode(): change for change in changes(source.encode())}
    lines = Counter((change.lines, change.at_import) for change in found.values())
    assert lines == {((1, 1), True): 1, ((3, 8), False): 1, ((4, 6), False): 3, ((7, 8), False): 2}


def test_no_program_can_be_changed():
    with pytest.raises(SyntaxError):
        changes(b"def")

"""Any table's changes are kept with their time, over a reset and beside whatever tables come later."""

import pytest

from harness.base.database import Database
from harness.substrates.lone_postgres import lone_postgres
from harness.system.row_history import ReplacedError, RowHistory

pytestmark = pytest.mark.e2e
TABLES = "CREATE TABLE things (id int PRIMARY KEY, owner_id int, body text, note jsonb)"


@pytest.fixture(scope="module")
def server():
    with lone_postgres("history") as running:
        yield running


@pytest.fixture
def database(server):
    with Database(server.url()) as opened:
        opened.execute(
            "DROP SCHEMA IF EXISTS harness_history CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        )
        opened.execute(TABLES)
        yield opened


def test_each_change_is_told_with_what_it_was_and_what_names_the_row(database):
    history = RowHistory(database)
    history.begin()
    database.execute("INSERT INTO things VALUES (1, 5, 'a', '{}')")
    database.execute("UPDATE things SET body = repeat('x', 900) WHERE id = 1")
    database.execute("DELETE FROM things")
    made, changed, gone = history.changes()
    assert (made["operation"], made["row"]) == ("INSERT", {"id": 1, "owner_id": 5})
    assert changed["changed"] == {"body": ["a", f"{'x' * 200}... (900 characters)"]}
    assert (gone["operation"], gone["row"], gone["changed"]) == ("DELETE", {"id": 1, "owner_id": 5}, {})
    assert made["wall"] <= changed["wall"] <= gone["wall"]


def test_a_reset_ends_a_scenarios_part_and_what_was_rolled_back_never_was(database):
    history = RowHistory(database)
    history.begin()
    database.execute("INSERT INTO things VALUES (1)")
    with pytest.raises(Exception, match="duplicate"):
        database.execute("INSERT INTO things VALUES (2); INSERT INTO things VALUES (1)")
    database.execute("TRUNCATE things RESTART IDENTITY")
    assert [change["operation"] for change in history.changes()] == ["INSERT", "TRUNCATE"]
    history.begin()
    assert list(history.changes()) == []
    database.execute("INSERT INTO things VALUES (1)")
    assert len(list(history.changes())) == 1


def test_it_tells_whether_a_row_has_changed_since_the_changes_were_read(database):
    history = RowHistory(database)
    history.begin()
    database.execute("INSERT INTO things VALUES (1)")
    assert history.moved()
    assert len(list(history.changes())) == 1
    assert not history.moved()
    database.execute("UPDATE things SET owner_id = 5")
    assert history.moved()
    assert [one["operation"] for one in history.changes()] == ["INSERT", "UPDATE"]
    assert not history.moved()
    history.begin()
    assert not list(history.changes())
    assert not history.moved()


def test_a_table_that_comes_later_has_it_from_the_next_scenario_on(database):
    history = RowHistory(database)
    history.begin()
    database.execute('CREATE TABLE "Others" (a int, b int, PRIMARY KEY (a, b))')
    with pytest.raises(ReplacedError):
        list(history.changes())
    history.begin()
    database.execute('INSERT INTO "Others" VALUES (1, 2)')
    (change,) = history.changes()
    assert (change["table"], change["row"]) == ("Others", {"a": 1, "b": 2})


def test_a_database_that_was_replaced_says_so(database):
    history = RowHistory(database)
    history.begin()
    database.execute("DROP SCHEMA harness_history CASCADE")
    with pytest.raises(ReplacedError):
        list(history.changes())

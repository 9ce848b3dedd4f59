"""Every change of a row with its time: triggers on all tables of a stack's database write it into a schema of our own.

It knows nothing of the application: every table gets the triggers, also one that a scenario makes, from the next scenario on.
Only databases of stacks have them, and the harness puts them there: no image, no migration and no code of the application has
any of it. A reset empties the application's tables and leaves this one; a scenario's part begins where the last one ended.
"""

import json
from collections.abc import Iterator
from typing import Any

from harness.base.database import Database

SCHEMA = "harness_history"
LONGEST = 200  # characters of a value that are kept
MOST = 5000  # changes of a scenario
INSTALL = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, pid int NOT NULL, application text,
    transaction text, "table" text NOT NULL, operation text NOT NULL, before jsonb, after jsonb
);
CREATE OR REPLACE FUNCTION {SCHEMA}.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCHEMA}.changes (at, pid, application, transaction, "table", operation, before, after)
    VALUES (clock_timestamp(), pg_backend_pid(), current_setting('application_name'), pg_current_xact_id()::text,
        TG_TABLE_NAME, TG_OP,
        CASE WHEN TG_LEVEL = 'ROW' AND TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_LEVEL = 'ROW' AND TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
DO $$
DECLARE found regclass;
BEGIN
    FOR found IN SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '{SCHEMA}_rows')
    LOOP
        EXECUTE format('CREATE TRIGGER {SCHEMA}_rows AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.note()', found);
        EXECUTE format('CREATE TRIGGER {SCHEMA}_all AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.note()', found);
    END LOOP;
END $$;
"""  # noqa: S608 - our own words
LACKING = f"""
SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '{SCHEMA}_rows')
"""  # noqa: S608 - our own words
KEYS = """
SELECT c.relname AS "table", array_agg(a.attname::text) AS columns FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace GROUP BY 1
"""


class ReplacedError(Exception):
    """A scenario has replaced the database or made a table: of that nobody has noted the changes."""


class RowHistory:
    """The row history of one stack's database.

    Args:
        database: connection to it, outside every link.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._since = self._read = (
            0  # numbers of changes: the last one before the scenario, and the last one that was read
        )
        self._keys: dict[str, list[str]] = {}

    def begin(self) -> None:
        """Begin a scenario's part; each table without a trigger gets one.

        Raises:
            asyncpg.PostgresError: the database refused.
            OSError, TimeoutError: it does not answer.
        """
        if not self._there() or self._database.value(LACKING):
            self._database.execute(INSTALL)
        self._keys = {row["table"]: row["columns"] for row in self._database.rows(KEYS)}
        self._since = self._database.value(f"SELECT coalesce(max(number), 0) FROM {SCHEMA}.changes")  # noqa: S608 - likewise
        self._read = self._since

    def _there(self) -> bool:
        return bool(self._database.value(f"SELECT to_regclass('{SCHEMA}.changes') IS NOT NULL"))

    def changes(self) -> Iterator[dict[str, Any]]:
        """The changes of the scenario so far.

        Yields:
            `wall` in seconds since 1970, `table`, `operation`, `row` with the row's key, `changed` with each column's value
            before and after, `application` and `pid` of the connection.

        Raises:
            ReplacedError: the database has no history any more, or a table has come without one.
            asyncpg.PostgresError: the database refused.
            OSError, TimeoutError: it does not answer.
        """
        if not self._there() or self._database.value(LACKING):
            raise ReplacedError
        found = self._database.rows(
            f'SELECT number, extract(epoch FROM at)::float8 AS wall, pid, application, transaction, "table", operation, before, after'  # noqa: S608 - our own words
            f" FROM {SCHEMA}.changes WHERE number > $1 ORDER BY number LIMIT {MOST}",
            self._since,
        )
        self._read = found[-1]["number"] if found else self._since
        for row in found:
            del row["number"]
            before, after = row.pop("before") or {}, row.pop("after") or {}
            whole = after or before
            named = {
                name: value
                for name, value in whole.items()
                if name in self._keys.get(row["table"], ()) or name.endswith("_id")
            }
            changed = {
                name: [_short(before.get(name)), _short(after.get(name))]
                for name in {**before, **after}
                if before.get(name) != after.get(name)
            }
            yield {**row, "row": named, "changed": changed if row["operation"] != "DELETE" else {}}
        if len(found) == MOST:
            yield {"wall": found[-1]["wall"], "table": "", "operation": "", "left_out": True}

    def moved(self) -> bool:
        """Whether a row has changed since the changes were read: what is read of tables meanwhile may be newer than they are.

        Raises:
            asyncpg.PostgresError: the database refused.
            OSError, TimeoutError: it does not answer.
        """
        newest = f"SELECT max(number) FROM {SCHEMA}.changes WHERE number > $1"  # noqa: S608 - our own words
        return self._there() and self._database.value(newest, self._read) is not None


def _short(value: Any) -> Any:
    if isinstance(value, str | dict | list):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if len(text) > LONGEST:
            return f"{text[:LONGEST]}... ({len(text)} characters)"
    return value

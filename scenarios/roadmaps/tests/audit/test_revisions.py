"""Expand and contract: what a revision does is compared with what it says of older programs."""

import pytest

from app.migrations import HEAD, REVISIONS

NEXT = f"{int(HEAD) + 1:04}"
FILE = f"app/migrations/versions/{NEXT}_next.py"
LONG_BEFORE = REVISIONS[-2]


def revision(repository, body: str, oldest: str | None = LONG_BEFORE) -> None:
    said = f'OLDEST_PROGRAM = "{oldest}"\n' if oldest is not None else ""
    (repository / FILE).write_text(
        f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "{NEXT}"\ndown_revision = "{HEAD}"\n{said}'
        f"def upgrade():\n    {body}\n"
    )


TAKING = [
    'op.drop_column("users", "email")',
    'op.drop_table("users")',
    'op.rename_table("users", "people")',
    'op.alter_column("users", "email", new_column_name="mail")',
    'op.alter_column("users", "email", nullable=False)',
    'op.alter_column("users", "email", type_=sa.Text())',
    'op.execute("ALTER TABLE users DROP COLUMN email")',
    'op.execute("alter table users rename to people")',
    'op.execute("ALTER TABLE users ALTER COLUMN email SET NOT NULL")',
    'op.add_column("users", sa.Column("born", sa.Date(), nullable=False))',
    'op.execute("ALTER TABLE users DROP email")',
    'op.execute("ALTER TABLE users ALTER email TYPE text")',
    'op.execute("ALTER TABLE users ADD COLUMN born date NOT NULL")',
    'op.execute("DROP MATERIALIZED VIEW seen")',
    'op.execute("DROP FUNCTION accept()")',
    "helper()\n\ndef helper():\n    op.drop_table('users')",
    "op.execute(SQL)\n\nSQL = 'DROP TABLE users'",
    "drop_column('users', 'email')",
    'op.create_unique_constraint("one", "users", ["username"])',
    'op.create_check_constraint("long", "users", "length(username) > 3")',
    'op.create_foreign_key("theirs", "users", "more", ["id"], ["id"])',
    'op.create_index("one", "users", ["username"], unique=True)',
    'op.drop_constraint("users_email_key", "users")',
    'op.drop_constraint("whatever", "users", type_="unique")',
    'op.alter_column("users", "email", server_default=None)',
    'op.execute("ALTER TABLE users ADD CONSTRAINT long CHECK (length(username) > 3) NOT VALID")',
    'op.execute("ALTER TABLE users ADD UNIQUE (username)")',
    'op.execute("CREATE UNIQUE INDEX CONCURRENTLY one ON users (username)")',
    'op.execute("ALTER TABLE users DROP CONSTRAINT users_email_key")',
    'op.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY")',
    'op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")',
    'op.execute("CREATE POLICY own ON users USING (true)")',
    'op.execute("ALTER TABLE users SET SCHEMA old")',
    'op.execute("ALTER TABLE users ALTER created_at DROP DEFAULT")',
    'op.execute("ALTER TABLE users ALTER id SET GENERATED ALWAYS")',
    'op.execute("ALTER TABLE users OWNER TO somebody")',
    'op.execute("REVOKE INSERT ON users FROM app")',
    'op.execute("DROP TRIGGER place_log_event ON execution_logs")',
    'op.execute("DROP SEQUENCE numbers")',
    'op.execute("ALTER TABLE users DISABLE TRIGGER ALL")',
    'op.execute("CREATE RULE none AS ON INSERT TO users DO INSTEAD NOTHING")',
    'op.execute("DELETE FROM users")',
    'op.execute(f"ALTER TABLE {TABLE} DROP COLUMN email")',
    'op.execute("CREATE TABLE more (id int); ALTER TABLE users ADD CHECK (true)")',
]
ADDING = [
    'op.add_column("users", sa.Column("born", sa.Date()))',
    'op.add_column("users", sa.Column("born", sa.Date(), nullable=False, server_default="now"))',
    'op.create_table("more", sa.Column("id", sa.Integer(), nullable=False))',
    'op.create_index("beside", "users", ["email"])',
    'op.alter_column("users", "email", server_default="")',
    'op.execute("ALTER TABLE users ADD COLUMN born date NOT NULL DEFAULT now()")',
    'op.execute("ALTER TABLE users DROP CONSTRAINT users_email_check")',
    'op.drop_constraint("users_owner_fkey", "users")',
    'op.drop_constraint("whatever", "users", type_="check")',
    'op.add_column("users", sa.Column("number", sa.Integer(), sa.Identity(), nullable=False))',
    'op.execute("ALTER TABLE users ADD COLUMN number int GENERATED ALWAYS AS IDENTITY NOT NULL")',
    'op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")',
    'op.execute("ALTER TABLE users ALTER email DROP NOT NULL")',
    'op.execute("DROP INDEX beside")',
    'op.execute("-- no DROP TABLE here\\nCREATE INDEX beside ON users (email)")',
    'op.execute("CREATE TABLE more (id int); ALTER TABLE more ADD UNIQUE (id); CREATE POLICY own ON more USING (true)")',
    'op.create_table("more", sa.Column("id", sa.Integer()))\n    op.create_unique_constraint("one", "more", ["id"])',
    'op.create_table("more", sa.Column("id", sa.Integer()))\n    op.create_index("one", "more", ["id"], unique=True)',
    '"""Does not DROP TABLE, nor RENAME it."""',
    "pass\n\ndef downgrade():\n    op.drop_table('more')",
]


@pytest.mark.parametrize("body", TAKING)
def test_what_is_taken_away_is_not_taken_from_a_program_that_uses_it(repository, judged, body):
    revision(repository, body)
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.file) == ("revisions", FILE)
    assert LONG_BEFORE in breach.flaw.what
    assert HEAD in breach.flaw.fix
    revision(repository, body, HEAD)
    assert judged(repository) == []


@pytest.mark.parametrize("body", ADDING)
def test_what_is_added_disturbs_no_program(repository, judged, body):
    revision(repository, body)
    assert judged(repository) == []


@pytest.mark.parametrize("oldest", [None, "9999", "", "0000", "00035"])
def test_a_revision_that_does_not_say_who_can_work_on_it(repository, judged, oldest):
    revision(repository, "pass", oldest)
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.name) == ("revisions", "OLDEST_PROGRAM")


def test_a_revision_that_is_no_python(repository, judged):
    (repository / FILE).write_text("revision = (")
    assert [breach.rule.name for breach in judged(repository)] == ["revisions"]

"""A small declaration: each of the three shapes fits in twenty lines, and what cannot be meant is refused with its line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.application import DeclarationError
from harness.application.closed import refuse_outside
from harness.base import pace

HARNESS = Path(sys.executable).with_name("harness")
BEGIN = "from harness import App, Http, Postgres, Redis, calls, http, log, post, reply, result\n"
FASTAPI = """
app = App("jobs", bin=".venv/bin", redis=Redis("7", databases=2),
  postgres=Postgres("16", migrate="alembic upgrade head", schema="alembic/versions/*.py"),
  env={"DATABASE_URL": "{postgres:postgresql}", "REDIS_URL": "{redis/0}", "CELERY_RESULT_BACKEND": "{redis/1}"})
app.role("api", "uvicorn app.main:app --host {host} --port {port}", ready=http("/healthz"))
app.role("worker", "celery -A app.worker worker -E -Q default -c {n}", queues=["default"])
app.work("job", accepted=post("/jobs", json={"payload": {"sleep": 1}}, id="$.id"),
  state="SELECT state::text FROM jobs WHERE id = :id", ends={"done", "failed"},
  task="app.tasks.process", by="args[0]")
app.tier("small", api=1, worker=4, memory_mb=512)
app.load("job", per_hour=1800, done_p95_s=5, burst=50, drain_s=60)
"""
DJANGO = """
PAYOUT = {"amount": 3}
app = App("payouts", bin=".venv/bin", redis=Redis("7"),
  postgres=Postgres("15", migrate="python manage.py migrate", schema="apps/*/migrations/*.py", keep=["auth_*", "django_*"]),
  env={"DATABASE_URL": "{postgres:postgres}", "REDIS_URL": "{redis/0}", "SECRET_KEY": "{secret}",
       "DJANGO_SETTINGS_MODULE": "config.settings.local", "ALLOWED_HOSTS": "localhost,example.com", "DEBUG": "0"})
app.role("web", "gunicorn config.wsgi -b {host}:{port} -w {n}", ready=http("/api/payouts/"))
app.role("celery", "celery -A config worker -E -c {n}", queues=["celery"])
app.work("payout", accepted=post("/api/payouts/", json=PAYOUT, status=201, id="$.id"),
  state="SELECT status FROM payouts WHERE id::text = :id", ends={"COMPLETED", "FAILED"},
  task="payouts.tasks.process", by="args[0]")
"""
FLASK = """
app = App("webhooks", bin=".venv/bin", redis=Redis("6", databases=2),
  postgres=Postgres("13", migrate="alembic upgrade head", schema="migrations/versions/*.py"),
  providers={"sink": Http(reply(200))}, errors=["FATAL Error", "CRITICAL:"],
  env={"DATABASE_URL": "{postgres:postgresql}", "CELERY_BROKER_URL": "{redis/0}", "CACHE_URL": "{redis/1}"})
app.role("web", "gunicorn wsgi:app -b {host}:{port} -w {n}", ready=http("/"))
app.role("worker", "celery -A service.celery_app worker -E -P eventlet -c {n}", queues=["celery"])
app.role("beat", "celery -A service.celery_app beat -s {tmp}/s", ready=log("beat: Starting"), single=True)
app.setup("sub", post("/api/subscriptions", json={"target_url": "{provider:sink}/"}, id="$.id"))
app.work("delivery", accepted=post("/api/ingest/{sub}", json={"n": "{nonce}"}, status=202, id="$.task_id"),
  state="SELECT status FROM deliveries WHERE id::text = :id", ends={"succeeded", "failed"},
  task="service.tasks.deliver", by="args[0]", effect=calls("sink", body="{nonce}"))
"""


def declared(text: str, path: Path):
    """The application of a file that says this."""
    path.write_text(BEGIN + text)
    known: dict = {"__file__": str(path)}
    exec(compile(path.read_text(), str(path), "exec"), known)  # noqa: S102 - ours
    return known["app"]


@pytest.mark.parametrize("text", [FASTAPI, DJANGO, FLASK])
def test_each_shape_fits_in_twenty_lines_and_is_closed(text, tmp_path):
    app = declared(text, tmp_path / "stack.py")
    assert len((BEGIN + text.strip()).splitlines()) <= 20
    assert app.root == tmp_path
    refuse_outside(app)
    (work,) = app.works
    assert app.roles[work.at].listens
    assert app.queues
    assert app.search_path.split(":")[0] == str(tmp_path / ".venv/bin")


def test_what_is_said_is_what_is_kept(tmp_path):
    app = declared(FASTAPI, tmp_path / "stack.py")
    assert app.roles["worker"].argv == (
        "celery",
        "-A",
        "app.worker",
        "worker",
        "-E",
        "-Q",
        "default",
        "-c",
        "{n}",
    )
    assert [*app.tiers] == ["small"]
    assert app.tiers["small"].concurrency == {"api": 1, "worker": 4}
    assert app.postgres.migration == ("alembic", "upgrade", "head")
    assert (app.postgres.version, app.redis.version, app.redis.databases) == ("16", "7", 2)
    assert app.loads["job"].burst == 50
    (work,) = app.works
    assert (work.id, work.at, work.ends) == ("job", "api", {"done", "failed"})
    assert work.accepted.accepts(201)
    assert not work.accepted.accepts(303)
    sink = declared(FLASK, tmp_path / "stack.py").providers["sink"]
    assert (sink.name, sink.options) == ("sink", ("--status", "200", "--body", "{}"))


@pytest.mark.parametrize(
    ("task", "args", "kwargs", "by", "found"),
    [
        ("t", "('7',)", "{}", "args[0]", "7"),
        ("t", "[7, 'x']", "{}", "args[0]", "7"),
        ("t", "('x', 'ab-c')", "{}", "args[1]", "ab-c"),
        ("t", "('only',)", "{}", "args[1]", None),
        ("t", "('cut-off', 'so much text...", "{}", "args[0]", "cut-off"),
        ("t", "()", "{'job_id': 'ab-c'}", "job_id", "ab-c"),
        ("t", "()", "{'job_id': 12}", "kwargs['job_id']", "12"),
        ("t", "()", "{}", "task_id", "t"),
        ("t", "('7',)", "{}", "", None),
    ],
)
def test_the_id_is_found_in_what_celery_shows_of_a_task(task, args, kwargs, by, found, tmp_path):
    text = FASTAPI.replace('by="args[0]"', f"by={by!r}")
    (work,) = declared(text, tmp_path / "stack.py").works
    assert work.told(task, args, kwargs) == found


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ('"{redis/0}"', '"{redis/7x}"', 5, "{redis/7x} stands for nothing here"),
        (
            '"{postgres:postgresql}"',
            '"{postgress}"',
            5,
            "{postgress} stands for nothing here; there are: {postgres}",
        ),
        ('"{postgres:postgresql}"', '"{postgres"', 5, "a brace that is meant is written twice"),
        ('"{redis/1}"', '"{provider:snk}"', 5, "there is no provider 'snk'"),
        ("databases=2", "databses=2", 3, "unexpected keyword argument 'databses'; did you mean 'databases'?"),
        ("bin=", "bim=", 3, "unexpected keyword argument 'bim'; did you mean 'bin'?"),
        ("queues=", "queus=", 7, "unexpected keyword argument 'queus'; did you mean 'queues'?"),
        (', queues=["default"]', "", 7, "what proves that it is ready?"),
        ('small", api=1', 'small", appi=1', 11, "there is no role 'appi'; did you mean 'api'?"),
        ("worker=4", "worker=0", 11, "worker=0 is no number of processes"),
        ('load("job"', 'load("jbo"', 12, "there is no work 'jbo'; did you mean 'job'?"),
        ("id = :id", "id = 1", 8, "is about no piece of work: where is :id in it?"),
        (', ends={"done", "failed"}', ', ends={"done", "failed"}, done={"donne"}', 8, "did you mean 'done'?"),
        ('by="args[0]"', 'by="args0"', 8, "did you mean 'args[0]'?"),
        (
            'by="args[0]"',
            'by="args[0]", effect=calls("sink")',
            8,
            "there is no provider 'sink'; there are none",
        ),
        (
            'by="args[0]"',
            'by="args[0]", at="apy"',
            8,
            "apy is asked for work, and is no role; did you mean 'api'?",
        ),
        ('post("/jobs"', 'post("https://jobs.example.com/"', 8, "a path begins with one slash"),
        (" --port {port}", "", 8, "nobody listens"),
        ('role("worker"', 'role("api"', 7, "role api is declared twice"),
    ],
)
def test_a_mistake_is_told_with_its_line_what_was_found_and_what_is_near(was, becomes, line, said, tmp_path):
    assert was in FASTAPI
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nstack = "stack:app"\n')
    (tmp_path / "stack.py").write_text(BEGIN + FASTAPI.replace(was, becomes, 1))
    ended = subprocess.run(
        [HARNESS, "up"], cwd=tmp_path, capture_output=True, text=True, timeout=60 * pace.factor(), check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"stack.py:{line}: "), ended.stderr
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_error_of_code_that_it_calls_is_shown_where_it_was_made(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nstack = "stack:app"\n')
    (tmp_path / "stack.py").write_text("def deep():\n    return None + 1\n\napp = deep()\n")
    ended = subprocess.run(
        [HARNESS, "up"], cwd=tmp_path, capture_output=True, text=True, timeout=60 * pace.factor(), check=False
    )
    assert ended.returncode == 2
    assert "stack.py:2: unsupported operand" in ended.stderr


def test_what_a_setup_and_a_reply_cannot_be_is_refused(tmp_path):
    with pytest.raises(DeclarationError, match="setup 'nonce'"):
        declared(FLASK.replace('setup("sub"', 'setup("nonce"'), tmp_path / "stack.py")
    with pytest.raises(DeclarationError, match="a number from 200 to 599"):
        declared(FLASK.replace("reply(200)", "reply(900)"), tmp_path / "stack.py")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "say what it does once a slot"),
        (", effect='SELECT 1', repeatable=True", "say what it does once a slot"),
        (", effect='SELECT count(*) FROM x WHERE id = :id'", ":id in its effect stands for nothing"),
        (", effect=calls('sink')", "{id} in its effect stands for nothing"),
        (", effect=calls('snk', body='x')", "there is no provider 'snk'; did you mean 'sink'?"),
    ],
)
def test_a_schedule_says_what_it_does_once_a_slot(said, why, tmp_path):
    with pytest.raises(DeclarationError, match=re.escape(why)):
        declared(FLASK + f"app.schedule('tasks.bill'{said})\n", tmp_path / "stack.py")


def test_a_schedule_is_declared_once_with_its_effect_or_as_repeatable(tmp_path):
    lines = (
        "app.schedule('bill', effect=calls('sink', body='bill'))\napp.schedule('sweep', repeatable=True)\n"
    )
    app = declared(FLASK + lines, tmp_path / "stack.py")
    assert (app.schedules["bill"].effect.body, app.schedules["sweep"].repeatable) == ("bill", True)
    with pytest.raises(DeclarationError, match="schedule bill is declared twice"):
        app.schedule("bill", repeatable=True)

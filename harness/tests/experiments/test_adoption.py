"""`harness init` writes what follows from an application's files, says what it guessed, and reads no file of variables."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.base import pace
from harness.base.exits import Exit
from harness.base.project import SOURCE
from harness.cli import app as command
from harness.experiments.adoption.look import look
from harness.experiments.adoption.written import declaration

JOBS = SOURCE / "examples/jobs"


def application(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files, and an environment: our own."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


DJANGO = {
    "manage.py": "",
    "config/__init__.py": "",
    "config/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    "config/celery.py": "from celery import Celery\napp = Celery('config', broker='redis://nowhere.invalid')\n"
    "app.conf.beat_schedule = {'x': {'task': 'pay', 'schedule': 60}}\n"
    "@app.task(name='payouts.pay', queue='payouts')\ndef pay(payout): pass\n",
    "Procfile": "web: gunicorn config.wsgi -b 0.0.0.0:$PORT\nworker: celery -A config worker\nrelease: python manage.py migrate\n",
    ".env.example": "DATABASE_URL=\nSECRET_KEY=\nREDIS_URL=\nDB_HOST=\nSTRIPE_KEY=\n",
    ".env": "DATABASE_URL=postgresql://production\nONLY_IN_PRODUCTION=1\n",
}


def test_a_django_project_with_a_procfile_and_beat(tmp_path):
    seen = look(application(tmp_path, DJANGO))
    text = declaration(seen)
    assert 'postgres=Postgres(migrate="python manage.py migrate", schema="**/migrations/*.py")' in text
    assert 'app.role("web", "gunicorn config.wsgi -b {host}:{port}", ready=http("/"))' in text
    assert 'app.role("worker", "celery -A config worker -E", queues=["payouts"])' in text
    assert (
        'app.role("beat", "celery -A config beat -s {tmp}/schedule -l INFO --pidfile=", ready=log("beat: Starting"), single=True)'
        in text
    )
    assert 'task="payouts.pay"' in text
    assert (seen.env["DATABASE_URL"], seen.env["DB_HOST"]) == ("{postgres:postgresql}", "{postgres.host}")
    assert seen.env["SECRET_KEY"] == "{secret}"
    said = " ".join((text, *seen.guesses, *seen.unseen))
    assert "production" not in said.lower()
    assert "STRIPE_KEY" in " ".join(seen.unseen)


@pytest.mark.parametrize("said", ["", " -l debug", " --loglevel=INFO"])
def test_a_beat_of_a_procfile_says_that_it_has_started_and_leaves_no_file(tmp_path, said):
    line = f"beat: celery -A config beat{said}\n"
    text = declaration(look(application(tmp_path, {**DJANGO, "Procfile": DJANGO["Procfile"] + line})))
    assert f'app.role("beat", "celery -A config beat{said or " -l INFO"} --pidfile=", ready=' in text


def test_what_it_writes_for_the_jobs_is_a_declaration_that_loads(tmp_path):
    folder = tmp_path / "jobs"
    files = {str(path.relative_to(JOBS)): path.read_text() for path in (JOBS / "jobs").glob("*.*")}
    application(folder, files | {"pyproject.toml": '[project]\nname = "jobs"\n'})
    harness = Path(sys.executable).with_name("harness")
    done = subprocess.run(
        [harness, "init"], cwd=folder, capture_output=True, text=True, check=False, timeout=90 * pace.factor()
    )
    assert done.returncode == 0, done.stderr
    assert "wrote stack.py" in done.stdout
    assert "wrote [tool.harness] into pyproject.toml" in done.stdout
    assert "guessed: jobs/api.py has the web application" in done.stderr
    assert "could not see: migrations" in done.stderr
    written = (folder / "stack.py").read_text()
    assert len(written.splitlines()) <= 20
    assert 'queues=["jobs"]' in written
    assert 'task="jobs.process"' in written
    listed = subprocess.run(
        [harness, "nemesis", "--dry-run"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * pace.factor(),
    )
    assert listed.returncode == 0, listed.stderr
    again = subprocess.run(
        [harness, "init"], cwd=folder, capture_output=True, text=True, check=False, timeout=60 * pace.factor()
    )
    assert again.returncode == Exit.USAGE
    assert "stack.py is there already" in again.stderr


def test_where_nothing_is_to_be_seen_it_says_so_and_writes_nothing_with_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(command, ["init", "--show"])
    assert shown.exit_code == 0
    for what in (
        "the application's environment",
        "a web application",
        "the Celery application",
        "migrations",
    ):
        assert f"could not see: {what}" in shown.stderr
    assert [*tmp_path.iterdir()] == []


def test_a_celery_that_cannot_be_imported_is_told_and_the_rest_is_written(tmp_path):
    seen = look(
        application(
            tmp_path, {"w.py": "from celery import Celery\nimport no_such_module\napp = Celery('w')\n"}
        )
    )
    assert any("No module named 'no_such_module'" in sentence for sentence in seen.unseen)
    assert 'app.role("worker", "celery -A w worker -E -Q celery -c {n}", queues=["celery"])' in declaration(
        seen
    )

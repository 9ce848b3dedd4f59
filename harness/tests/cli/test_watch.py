"""What a person sees who watches a stack."""

import json
from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisGoneError
from rich.console import Console
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.watch import ERRORS, Watch

RUNS = SimpleNamespace(alive=True, pid=7)
ENDED = SimpleNamespace(alive=False)


def stack(folder, nodes, waiting=lambda: {"orders": 3}):
    (folder / "logs").mkdir(exist_ok=True)
    return SimpleNamespace(
        run=SimpleNamespace(folder=folder), nodes=nodes, waiting=waiting, taken=lambda: {"orders": 2}
    )


def line(level, message):
    return json.dumps({"level": level, "message": message, "time": "2026-01-01T00:00:00+00:00"}) + "\n"


def picture(look):
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(look.shown(65.2))
    return console.export_text()


def test_members_queues_and_the_newest_errors_are_seen(tmp_path):
    watch = Watch(stack(tmp_path, {"web": RUNS, "packer": ENDED}))
    log = tmp_path / "logs" / "web.log"
    log.write_text(line("info", "fine") + line("error", "went wrong"))
    seen = picture(watch.look())
    assert "up for 65 s" in seen
    for row in (r"web runs 7", "packer ended", "orders 3 2", "1 errors"):
        assert row in " ".join(seen.split())
    assert "went wrong" in seen
    assert "fine" not in seen
    with log.open("a") as more:
        more.writelines(line("error", f"later {number}") for number in range(ERRORS))
    look = watch.look()
    assert (look.seen, len(look.errors)) == (ERRORS + 1, ERRORS)
    assert "went wrong" not in picture(look)


def test_a_stack_that_has_said_nothing_yet_has_no_errors(tmp_path):
    look = Watch(stack(tmp_path, {})).look()
    assert (look.seen, list(look.errors)) == (0, [])
    assert "0 errors" in picture(look)


@pytest.mark.parametrize("error", [RedisGoneError("[gone]"), OSError("gone")])
def test_a_redis_that_is_away_is_said_and_ends_nothing(tmp_path, error):
    def waiting():
        raise error

    assert "Redis does not answer" in picture(Watch(stack(tmp_path, {}, waiting)).look())


@pytest.mark.parametrize("more", [["--detach"], []])
def test_nobody_watches_without_a_terminal(more):
    done = CliRunner().invoke(app, ["up", "--watch", *more])
    assert done.exit_code == 2
    assert "--watch" in done.output

"""A container keeps to what is said of a Member, and every line that it writes is written down once."""

import signal

import pytest

from harness.base.logs import LogFile
from harness.base.wait import always, eventually
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.engine import EngineError

pytestmark = [pytest.mark.e2e, pytest.mark.docker]
OBEDIENT = "trap 'echo told; exit 7' TERM; echo up; while :; do sleep 0.05; done"
COUNTING = "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.02; done"


@pytest.fixture
def start(wanted):
    made = []

    def begin(script: str, **options) -> Container:
        made.append(Container.start(wanted(script, **options)))
        return made[-1]

    yield begin
    for container in made:
        container.remove()


@pytest.fixture
def log(claim):
    return LogFile(claim.run.log("shell"))


def test_it_is_asked_to_end_and_says_how_it_did(start, log):
    container = start(OBEDIENT)
    assert container.alive
    assert container.returncode is None
    assert container.pid > 1
    log.wait_for("up", timeout=10)
    container.interrupt(signal.SIGTERM)
    assert container.wait(10) == 7
    assert (container.alive, container.returncode) == (False, 7)
    log.wait_for("told", timeout=10)


@pytest.mark.parametrize("again", [False, True], ids=["the first time", "once more"])
def test_one_that_is_still_starting_hears_that_it_is_to_end(start, again):
    """A process 1 without a handler would lose the signal, as every init does until it runs."""
    container = start(f"sleep 1; {OBEDIENT}")
    if again:
        container.kill()
        container.start_again()
    container.interrupt(signal.SIGTERM)
    assert container.wait(10) == 7


def test_one_that_stays_deaf_is_told_in_vain(start):
    container = start("exec sleep 60")
    container.interrupt(signal.SIGTERM)
    with pytest.raises(TimeoutError):
        container.wait(0.1)


def test_killed_it_ends_as_a_process_does(start):
    container = start(OBEDIENT)
    container.kill()
    assert container.returncode == -signal.SIGKILL


def test_one_that_goes_on_is_not_waited_for_longer_than_was_said(start):
    with pytest.raises(TimeoutError, match=r"shell-\w+ did not end within 0\.1 s"):
        start(OBEDIENT).wait(0.1)


def test_frozen_it_writes_nothing_until_it_goes_on(start, log):
    container = start(COUNTING)
    log.wait_for("line 3", timeout=10)
    assert not container.frozen
    container.pause()
    assert container.frozen
    eventually(lambda: log.cursor() == settled(log), timeout=10, what="silence")
    silent = log.cursor()
    container.resume()
    assert not container.frozen
    container.resume()  # one that is not frozen has nothing to go on with
    eventually(lambda: log.cursor() > silent, timeout=10, what="another line")


def settled(log):
    before = log.cursor()
    with pytest.raises(TimeoutError):
        log.wait_for("line", timeout=0.2, since=before)
    return log.cursor()


def test_started_again_it_goes_on_with_what_it_had_and_no_line_is_lost_or_doubled(start, log):
    container = start("echo run >> /tmp/kept; wc -l < /tmp/kept; exec sleep 60")
    for number in (1, 2, 3):
        log.wait_for(f"^{number}$", timeout=10)  # killed earlier, it would not have written it
        container.kill()
        container.start_again()
    log.wait_for("^4$", timeout=10)
    always(
        lambda: [line.text for line in log.lines()] == ["1", "2", "3", "4"], during=0.5, what="each line once"
    )


def test_it_finds_the_files_and_variables_it_was_given(start, log, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "file").write_text("content\n")
    start("cat /etc/given/file; echo $WORD", folder=tmp_path / "given", env={"WORD": "said"})
    log.wait_for("said", timeout=10)
    assert [line.text for line in log.lines()] == ["content", "said"]


def test_its_memory_has_the_limit_that_was_asked_for(start, log):
    start("cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes", memory_mb=64)
    log.wait_for(str(64 * 2**20), timeout=10)


def test_what_the_engine_refuses_is_named(claim):
    wanted = Wanted(image="no-such-image:at-all", node="shell", run_id=claim.run.id, alias="nobody")
    with pytest.raises(EngineError, match="shell from no-such-image:at-all"):
        Container.start(wanted)

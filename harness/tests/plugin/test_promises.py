import io
import os
import re
import subprocess
import sys

import pytest
from rich.console import Console

from harness.base.github import SUMMARY
from harness.evidence.usual import LEAST
from harness.plugin.promises import Promises

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x9b]")


@pytest.fixture
def prove(pytester, monkeypatch):
    """Runs scenarios under the plugin and returns pytest's exit status and what was shown."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv(SUMMARY, raising=False)

    usual = pytester.path / "usual.json"

    def prove(source, *arguments, terminal=False, conftest=""):
        pytester.makeconftest(conftest)
        pytester.makepyfile(source)
        console = Console(file=io.StringIO(), width=80, force_terminal=terminal)
        status = pytester.inline_run(
            *arguments, plugins=[Promises(console, "here", usual)], no_reraise_ctrlc=True
        ).ret
        return status, console.file.getvalue()

    return prove


def last_line(shown):
    return re.sub(r"\d+\.\d s", "# s", shown.rstrip("\n").splitlines()[-1])


THREE = '''
    def test_created():
        """An order is [bold] created.

        And more is said here.
        """

    def test_without_a_docstring(): pass

    import pytest
    @pytest.mark.parametrize("tier", ["starter", "team"])
    def test_tier(tier):
        "Every tier starts."
'''


def test_each_scenario_is_a_promise_in_the_words_of_its_docstring(prove):
    status, shown = prove(THREE)
    assert status == pytest.ExitCode.OK
    table = shown.split("\n\n")[-2]
    assert [line.rsplit(None, 2)[0].rstrip() for line in table.splitlines()] == [
        "pass  An order is [bold] created.",
        "pass  test_without_a_docstring",
        "pass  Every tier starts. [starter]",
        "pass  Every tier starts. [team]",
    ]
    assert last_line(shown) == "held 3 of 3 promises in # s"


def test_a_promise_that_takes_much_longer_than_usual_is_named_though_it_held(prove, monkeypatch):
    monkeypatch.setattr("harness.plugin.promises.NOTICED_SECONDS", 0.3)
    slow = (
        'import os, time\ndef test_packed():\n    "It is packed."\n    time.sleep(float(os.environ["TAKES"]))'
    )
    monkeypatch.setenv("TAKES", "0.02")
    for _ in range(LEAST):
        assert "slow:" not in prove(slow)[1]
    monkeypatch.setenv("TAKES", "2")
    monkeypatch.setattr("harness.plugin.promises.slowness", lambda: 1.0)
    status, shown = prove(slow)
    assert status == pytest.ExitCode.OK
    assert re.search(r"slow: It is packed\.\n +It took \d+\.\d times as long as usual", shown)
    assert last_line(shown) == "held 1 of 1 promises in # s"
    monkeypatch.setattr("harness.plugin.promises.slowness", lambda: 100.0)
    assert "slow:" not in prove(slow)[1]


def test_without_a_terminal_lines_come_as_it_happens_and_hold_no_control_characters(prove):
    _, shown = prove(THREE, "-k", "created")
    assert not CONTROL.search(shown)
    assert re.sub(r"\d+\.\d", "#", shown).splitlines()[:3] == [
        "stack starting: An order is [bold] created.",
        "proving: An order is [bold] created.",
        "pass     An order is [bold] created. (# s)",
    ]


def test_on_a_terminal_the_table_lives(prove):
    status, shown = prove(THREE, terminal=True)
    assert status == pytest.ExitCode.OK
    assert "\x1b[?25h" in shown, "the cursor was not given back"
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)
    for doing in ("stack starting", "getting ready", "proving", "cleaning up"):
        assert re.search(rf"[⠀-⣿] .*{doing} +0\.\d s", text), doing
    assert last_line(text) == "held 3 of 3 promises in # s"
    assert text.count("proving: ") == 0


def test_pytest_says_nothing_of_its_own(prove, capfd):
    prove("def test_x(): assert 1 == 2")
    assert capfd.readouterr() == ("", "")


def test_a_broken_promise_is_shown_with_reason_place_and_what_was_captured(prove):
    status, shown = prove("""
        import sys

        def test_lost():
            "Nothing is lost."
            print("\\x1b[31mnode says\\x1b[0m no")
            kept = [1]
            assert kept == [1, 2], "one is gone"
    """)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "FAIL  Nothing is lost.  " in shown
    below = shown.split("\nFAIL  Nothing is lost.\n")[1]
    assert "AssertionError: one is gone" in below
    assert ".py:7" in below
    assert "Captured stdout call\nnode says no" in below
    assert not CONTROL.search(shown)
    assert last_line(shown) == "held 0 of 1 promises in # s"


def test_an_error_while_setting_up_or_cleaning_up_breaks_the_promise(prove):
    status, shown = prove("""
        import pytest

        @pytest.fixture
        def no_stack():
            print("postgres: no space left")
            raise RuntimeError("no stack")

        @pytest.fixture
        def untidy():
            yield
            raise RuntimeError("left something behind")

        def test_setup(no_stack):
            "Starts."

        def test_teardown(untidy):
            "Leaves nothing behind."
    """)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "FAIL  Starts." in shown
    assert "in setup: RuntimeError: no stack" in shown
    assert "Captured stdout setup\npostgres: no space left" in shown
    assert "FAIL  Leaves nothing behind." in shown
    assert "in teardown: RuntimeError: left something behind" in shown
    assert last_line(shown) == "held 0 of 2 promises in # s"


def test_an_output_is_shown_once_when_two_phases_fail(prove):
    _, shown = prove("""
        import pytest

        @pytest.fixture
        def untidy():
            yield
            raise RuntimeError("behind")

        def test_it(untidy):
            print("said once")
            raise ValueError("first")
    """)
    assert "ValueError: first" in shown
    assert "in teardown: RuntimeError: behind" in shown
    assert shown.count("said once") == 1


def test_a_skipped_promise_says_why_and_is_not_held(prove):
    status, shown = prove("""
        import pytest

        def test_held(): "Holds."

        def test_skipped():
            "Needs Docker."
            pytest.skip("no Docker engine answers")

        @pytest.mark.xfail(reason="issue 7")
        def test_known():
            "Is known to fail."
            assert False
    """)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "skipped  Needs Docker." in shown
    assert "no Docker engine answers" in shown
    assert "expected to fail: issue 7" in shown
    assert last_line(shown) == "held 1 of 3 promises in # s, 2 skipped"


@pytest.mark.parametrize(
    ("part", "shown_as", "status"),
    [
        ("assert 0, 'this part'", "FAIL", pytest.ExitCode.TESTS_FAILED),
        ("pytest.skip('this part')", "skipped", 1),
    ],
)
def test_a_promise_is_as_good_as_its_worst_part(prove, part, shown_as, status):
    ended, shown = prove(f"""
        import pytest

        def test_parts(subtests):
            "All parts hold."
            with subtests.test("one"):
                {part}
            with subtests.test("two"):
                pass
    """)
    assert ended == status
    assert f"\n{shown_as}  All parts hold." in shown
    assert "this part" in shown
    assert last_line(shown).startswith("held 0 of 1 promises")


def test_a_promise_is_counted_once_and_holds_where_every_case_of_it_does(prove):
    status, shown = prove("""
        import pytest
        @pytest.mark.parametrize("case", range(9))
        def test_it(case):
            if case == 7: pytest.skip("not here")
    """)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert last_line(shown) == "held 0 of 1 promises in # s, 1 skipped"


@pytest.mark.parametrize(("body", "broken"), [("pytest.skip('no engine')", False), ("assert 0", True)])
def test_what_was_not_proved_is_told_from_what_was_broken(pytester, monkeypatch, body, broken):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(f"import pytest\ndef test_held(): pass\ndef test_it(): {body}")
    promises = Promises(Console(file=io.StringIO()))
    assert pytester.inline_run(plugins=[promises]).ret == pytest.ExitCode.TESTS_FAILED
    assert promises.broken is broken


def test_nothing_found_is_a_failure(prove):
    status, shown = prove("")
    assert status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert last_line(shown) == "no promise was found, so nothing is proved (# s)"


def test_nothing_held_is_a_failure(prove):
    status, shown = prove("""
        import pytest
        def test_skipped(): pytest.skip("nothing here runs it")
    """)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert last_line(shown) == "held 0 of 1 promises in # s, 1 skipped"


def test_a_file_that_cannot_be_read_is_an_error(prove):
    status, shown = prove("import no_such_module")
    assert status == pytest.ExitCode.INTERRUPTED
    assert "cannot be read" in shown
    assert "No module named 'no_such_module'" in shown


def test_an_error_beside_promises_is_in_the_verdict(prove, pytester):
    pytester.makepyfile(test_other="import no_such_module")
    status, shown = prove(THREE)
    assert status == pytest.ExitCode.INTERRUPTED
    assert last_line(shown) == "interrupted: held 0 of 3 promises in # s, 3 not run, 1 error"


def test_a_failure_of_pytest_itself_is_shown(prove):
    conftest = "def pytest_runtest_call(item): raise SystemError('hook broke')\n"
    hook = conftest.replace("pytest_runtest_call(item)", "pytest_runtest_protocol(item)")
    status, shown = prove("def test_x(): pass", conftest=hook)
    assert status == pytest.ExitCode.INTERNAL_ERROR
    assert "SystemError: hook broke" in shown
    assert last_line(shown) == "held 0 of 1 promises in # s, 1 not run, 1 error"


def test_an_interrupt_counts_what_was_not_run(prove):
    status, shown = prove(
        """
        def test_first(): pass
        def test_second(): raise KeyboardInterrupt
        def test_third(): pass
        """,
        terminal=True,
    )
    assert status == pytest.ExitCode.INTERRUPTED
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)
    assert last_line(text) == "interrupted: held 1 of 3 promises in # s, 2 not run"


def test_facts_stand_once_below_the_table_and_whole(prove):
    path = "/a/long/path" * 12
    _, shown = prove(f"""
        def test_one(record_property):
            record_property("order", "Tea · 2 boxes")
            record_property("logs", "{path}")

        def test_two(record_property):
            record_property("logs", "{path}")
    """)
    facts = shown.split("\n\n")[-2].splitlines()
    assert facts == ["order  Tea · 2 boxes", f"logs   {path}"]


def test_the_job_summary_gets_the_table_as_markdown(prove, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv(SUMMARY, str(summary))
    prove("""
        import pytest

        def test_one(record_property):
            "Either | or."
            record_property("logs", "/x")

        def test_two():
            pytest.skip("no engine")
    """)
    text = re.sub(r"\d+\.\d", "#", summary.read_text())
    assert text == (
        "before\n### held 1 of 2 promises in # s, 1 skipped\n\n"
        "| | promise | seconds |\n| --- | --- | ---: |\n"
        "| pass | Either \\| or. | # |\n| skipped | test_two - no engine | # |\n\n- logs: /x\n\n"
    )


RUN = """
import pytest
from harness.plugin.promises import Promises, uncaptured_console
with uncaptured_console() as console:
    raise SystemExit(pytest.main(["-p", "no:cacheprovider"], plugins=[Promises(console)]))
"""


def test_progress_leaves_the_process_while_a_test_runs_and_its_output_does_not(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv(SUMMARY, raising=False)
    pytester.makepyfile("""
        import os

        def test_it():
            "Goes on when told."
            os.write(1, b"noise")
            assert os.read(int(os.environ["GO"]), 1) == b"!"
    """)
    told, tell = os.pipe()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "GO": str(told)}
    # `go` is closed before the process is waited for, even where something fails here.
    with (
        subprocess.Popen(
            [sys.executable, "-c", RUN],
            cwd=pytester.path,
            env=environment,
            pass_fds=[told],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
        os.fdopen(tell, "wb", buffering=0) as go,
    ):
        os.close(told)
        assert process.stdout.readline() == "stack starting: Goes on when told.\n"
        assert process.stdout.readline() == "proving: Goes on when told.\n"
        go.write(b"!")
        shown = process.stdout.read()
    assert process.returncode == 0
    assert "noise" not in shown
    assert last_line(shown) == "held 1 of 1 promises in # s"


@pytest.mark.parametrize("narrowed", [["-k", "kept"], ["--deselect", "LEFT"]])
def test_a_promise_that_was_asked_for_and_left_out_is_not_proved(prove, narrowed):
    source = """
        import pytest
        @pytest.mark.verify
        def test_kept(): pass
        @pytest.mark.verify
        def test_left(): pass
        def test_of_no_concern(): pass
    """
    left = "test_a_promise_that_was_asked_for_and_left_out_is_not_proved.py::test_left"
    narrowed = [word.replace("LEFT", left) for word in narrowed]
    status, shown = prove(source, "-m", "verify", *narrowed)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert last_line(shown) == "held 1 of 2 promises in # s, 1 not run"
    assert prove(source, "-m", "verify")[0] == pytest.ExitCode.OK

"""Plays every promise on one stack, which is cleaned after each; after a violated one, its processes are started again."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from harness.application import App, Work
from harness.base.progress import Progress, silence
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises import PROMISES
from harness.experiments.trial.row import Row, judged
from harness.experiments.trial.stage import NotPlayedError, Stage, listening
from harness.stack.stack import Stack
from harness.substrates.schema import MigrationError
from harness.substrates.spec import StackSpec
from harness.system.faults.faults import NeverBitError

MIGRATES = "migrates"
SHOWN = 300  # characters of a migration's output


def chosen(app: App, names: Sequence[str] = ()) -> list[Promise]:
    """The promises to play for an application.

    Args:
        app: that they are about.
        names: names of the wanted promises; all by default.
    """
    return [one for one in PROMISES if one.applies(app) and (not names or one.name in names)]


class Trial:
    """Tries one application.

    Args:
        app: that is tried.
        spec: of its stack.
        names: of the promises that are wanted; all by default.
        progress: told each step.
    """

    def __init__(
        self, app: App, spec: StackSpec, names: Sequence[str] = (), progress: Progress = silence
    ) -> None:
        self._app = app
        self._spec = spec
        self._names = names
        self._progress = progress
        self.run = ""
        self._closing = ExitStack()

    def play(self) -> Iterator[Row]:
        """Play each promise; yield its row as soon as it is decided.

        Raises:
            TimeoutError: the application did not become ready; shows its output.
            DeclarationError: it could reach a server that is not ours.
        """
        began = time.monotonic()
        try:
            self.__enter__()
        except MigrationError as error:
            first, *said = str(error).strip().splitlines()
            last = said[-1].strip()[-SHOWN:] if said else ""
            yield self._migrates(judged([f"{first} {last}".strip()], ""), began)
            return
        try:
            self._progress("ready: a task has come back from each queue")
            if self._app.postgres.migration and (not self._names or MIGRATES in self._names):
                command = " ".join(self._app.postgres.migration)
                yield self._migrates(judged([], f"{command} filled an empty database"), began)
            for promise in chosen(self._app, self._names):
                for work in self._app.works if promise.each else self._app.works[:1]:
                    yield self.row(promise, work)
        finally:
            self.__exit__()

    def __enter__(self) -> Self:
        """Start the stack.

        Raises:
            MigrationError: its schema could not be made.
            TimeoutError: see `play`; so are other errors.
        """
        self._stack = Stack(self._spec, "try", lambda step: self._progress(f"starting {step}"), app=self._app)
        self.run = self._stack.run.id
        self._stack.start()
        self._closing.callback(self._stack.stop)
        self._closing.enter_context(listening(self._stack))
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _migrates(self, finding: Finding, began: float) -> Row:
        return Row(
            promise=MIGRATES,
            sentence="The migration fills an empty database",
            work="",
            finding=finding,
            again=self._again(MIGRATES),
            mend=""
            if finding.outcome.good
            else "run it on an empty database in CI: what it takes for granted is not there",
            seconds=time.monotonic() - began,
        )

    def row(self, promise: Promise, work: Work) -> Row:
        """Play one promise.

        Args:
            promise: of the built-in ones.
            work: it is tried with.
        """
        stage = Stage(self._stack, work)
        self._progress(f"{promise.name}: {promise.sentence.lower()} ({stage.work.name})")
        began = time.monotonic()
        stage.begin()
        try:
            finding = promise.play(stage)
        except (NotPlayedError, NeverBitError, AssertionError, TimeoutError) as error:
            finding = Finding.unknown(str(error).split("\n")[0])
        took = time.monotonic() - began
        if promise.each:
            stage.make_clean()
        return Row(
            promise=promise.name,
            sentence=promise.sentence,
            work=stage.work.name,
            finding=finding,
            again=self._again(promise.name),
            mend="" if finding.outcome.good else promise.mend,
            seconds=took,
        )

    def _again(self, name: str) -> str:
        return f"harness try --promise {name}"

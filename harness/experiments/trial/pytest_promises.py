"""`pytest --harness`: each built-in promise is a test. And the fixture `work`, for scenarios of ten lines."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from harness.application import Work, current
from harness.base.wait import WaitTimeoutError
from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.campaign import Trial, chosen
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import Row
from harness.experiments.trial.stage import Stage, listening
from harness.substrates.choice import spec_on

OPTION = "--harness"
PLAYED = pytest.StashKey["Played"]()


class Played:
    """The trial of a session, which begins with its first promise.

    Args:
        closing: the context that ends it.
    """

    def __init__(self, closing: ExitStack) -> None:
        self._closing = closing
        self._trial: Trial | None = None
        self._why_not: str = ""

    def row(self, promise: Promise, work: Work) -> Row:
        """Play one.

        Args:
            promise: of the built-in ones.
            work: it is tried with.
        """
        if self._why_not:
            pytest.fail(self._why_not, pytrace=False)
        if self._trial is None:
            app = current()
            self._trial = Trial(app, spec_on("", "embedded", app))
            try:
                self._closing.enter_context(self._trial)
            except (WaitTimeoutError, RuntimeError) as error:
                self._why_not = f"{app.name} did not become ready: {error}"
                pytest.fail(self._why_not, pytrace=False)
        return self._trial.row(promise, work)


class PromiseItem(pytest.Item):
    """One promise, tried with one kind of work."""

    promise: Promise
    work: Work

    def runtest(self) -> None:
        """Play it. Unknown is no pass."""
        row = self.config.stash[PLAYED].row(self.promise, self.work)
        if not row.outcome.good:
            raise NotHeldError(row)

    def repr_failure(self, excinfo: "pytest.ExceptionInfo[BaseException]", style: Any = None) -> Any:
        """The finding, without a traceback of ours."""
        if isinstance(excinfo.value, NotHeldError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Its name in reports."""
        return self.path, None, f"{self.promise.name} {self.work.name}: {self.promise.sentence}"


class NotHeldError(AssertionError):
    """A promise is violated or unknown.

    Args:
        row: of the table.
    """

    def __init__(self, row: Row) -> None:
        kind = "violated" if row.outcome is Outcome.VIOLATED else "unknown"
        super().__init__(f"{row.promise} {kind}: {row.evidence}\nagain: {row.again}\nmend: {row.mend}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    parser.getgroup("harness").addoption(
        OPTION,
        action="store_true",
        dest="harness_promises",
        help="play every built-in promise, each as a test",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The trial ends with the session."""
    closing = ExitStack()
    config.stash[PLAYED] = Played(closing)
    config.add_cleanup(closing.close)


@pytest.hookimpl(tryfirst=True)  # before -k and -m select tests
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the promises to the collected tests."""
    if not config.getoption("harness_promises"):
        return
    app = current()
    for promise in chosen(app):
        for work in app.works if promise.each else app.works[:1]:
            item = PromiseItem.from_parent(session, name=f"{promise.name}[{work.name}]")
            item.promise, item.work = promise, work
            items.append(item)


@pytest.fixture
def work(system: Any) -> Iterator[Stage]:
    """The first kind of work on the session's stack: `work.must_ask()`, `work.ended(id)`, `work.nothing_lost()`."""
    with listening(system.stack):
        yield Stage(system.stack, system.stack.app.works[0])

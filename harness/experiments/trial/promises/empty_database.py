"""A role starts before its schema is there, as at the first deploy: it does not say that it is ready before it can serve."""

import time
from collections.abc import Callable

from harness.application import App, HttpReady
from harness.base.http import http_client
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import NotPlayedError, Stage
from harness.nodes.node import Node

SAYS_SECONDS = 8.0
STAYS_SECONDS = 2.0
ANSWER_SECONDS = 5.0
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def play(stage: Stage) -> Finding:
    """Start it on an empty database. The database belongs to this run, and this is its last use."""
    role = stage.app.roles[stage.work.at]
    ready = role.ready
    if not isinstance(ready, HttpReady):
        raise NotPlayedError(f"{role.name} does not say by HTTP that it is ready: ready=http('/path')")
    for node in stage.stack.roles.values():
        if node.alive:
            node.kill()
    stage.stack.database.execute(EMPTY)
    node = stage.stack.node(role.name)
    node.start()
    with http_client(stage.stack.url(role.name), ANSWER_SECONDS) as client:
        word = _Word(node, lambda: client.get(ready.path).is_success)
        stage.wait(word, SAYS_SECONDS)
    if not node.alive:
        return Finding(
            Outcome.HOLDS, (f"{role.name} ends with exit code {node.returncode} while there are no tables",)
        )
    if not word.ready:
        return Finding(
            Outcome.HOLDS, (f"{role.name} does not say that it is ready while there are no tables",)
        )
    asked = stage.ask()
    failed = [f"{role.name} says that it is ready, and the first call is answered {asked.said}"]
    return judged([] if asked.id else failed, f"{role.name} took a call without tables")


class _Word:
    """A probe of a role's readiness, which is true once the role says that it is ready, or has denied it for a while.

    Args:
        node: that says it.
        ready: whether the role says that it is ready.
    """

    def __init__(self, node: Node, ready: Callable[[], bool]) -> None:
        self._node = node
        self._asks = ready
        self._since = 0.0
        self.ready = False

    def __call__(self) -> bool:
        if not self._node.alive:
            return True
        self.ready = self._asks()
        self._since = self._since or time.monotonic()  # it answers
        return self.ready or time.monotonic() - self._since > STAYS_SECONDS


def _migrates(app: App) -> bool:
    return bool(app.postgres.migration and app.works)


EMPTY_DATABASE = Promise(
    name="empty-database",
    sentence="A role does not say that it is ready before its tables are there",
    mend="let the readiness path ask the database for what the first call needs, such as the newest revision of the schema",
    play=play,
    applies=_migrates,
    each=False,
)

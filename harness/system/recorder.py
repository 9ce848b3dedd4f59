"""Records what happens in a stack during a scenario, so that the reader of a failure need not guess.

It records task events; published messages and their publishers; queue depths and connections each half second; statements with
their rows; each change of a row; the difference between the servers' clocks and ours. The manifest lists what could not be
recorded: "not recorded" is not the same as "did not happen".
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from harness.application import POSTGRES
from harness.base.database import Database
from harness.evidence.evidence import Row
from harness.evidence.manifest import RECORDS, Part, State
from harness.evidence.redis_watch import RedisWatch
from harness.evidence.statements import folded, statements
from harness.evidence.task_events import TaskEvents, TaskRecorder
from harness.stack.stack import Stack
from harness.system.row_history import ReplacedError, RowHistory
from harness.system.sampler import Connections, Depths

MOST_STATEMENTS = 3000  # records of a scenario; further ones are only counted
MOST_BYTES = 64_000_000  # bytes of the server's log that are read: a campaign lasts for minutes
CHANGE, SQL = f"{RECORDS}/change", f"{RECORDS}/sql"
LIBRARY = "auto_explain"
_SWITCH = {
    "log_analyze": "on",  # rows
    "log_timing": "off",  # measuring each step would cost more than the statement
    "log_min_duration": "0",
}


class Recorder:
    """The recorder of one scenario.

    Args:
        stack: that it runs on.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._tasks = TaskEvents(stack.broker_url, TaskRecorder(stack.journal, stack.app.works))
        databases = {urlsplit(url).path.removeprefix("/") or "0" for url in stack.redis_urls}
        works, journal = stack.app.works, stack.journal
        self._redis = RedisWatch(stack.broker_url, databases, stack.app.queues, works, journal)
        self._history = RowHistory(stack.database)
        self._samplers = [Depths(stack), Connections(stack)]
        self._lacking: dict[str, Part] = {}
        self._statements: tuple[int, list[dict[str, Any]]] = (-1, [])

    def start(self) -> None:
        """Begin, before the scenario's first call. Errors of recording are remembered, and stop nothing."""
        self._tasks.start()
        for sampler in self._samplers:
            sampler.start()
        _at_once(
            self._redis.start,
            lambda: self._try(CHANGE, self._history.begin),
            lambda: self._try(SQL, self._have_statements_logged),
        )

    def again(self) -> None:
        """Begin again for another scenario on the same stack."""
        self._try(CHANGE, self._history.begin)

    def stop(self) -> None:
        """End all listeners at the same time: each waits until its current step ends."""
        _at_once(self._tasks.stop, self._redis.stop, *(sampler.stop for sampler in self._samplers))

    def records(self) -> list[Row]:
        """The records that are kept outside the journal: statements and changes of rows, so far."""
        told = {"sql": self._try(SQL, self._logged), "change": self._try(CHANGE, self._changes)}
        at = self._stack.journal.at
        return [
            {
                "at": at(one["wall"]),
                "kind": kind,
                **{name: value for name, value in one.items() if name != "wall"},
            }
            for kind, found in told.items()
            for one in found or ()
        ]

    def moved(self) -> bool:
        """Whether a row has changed since `records`; False where nobody can tell."""
        return CHANGE not in self._lacking and bool(self._try(CHANGE, self._history.moved))

    def parts(self) -> dict[str, Part]:
        """The parts for the manifest: what was not recorded, and why."""
        failed = {f"{RECORDS}/{sampler.kind}": sampler.failed for sampler in self._samplers}
        failed |= dict.fromkeys((f"{RECORDS}/published", f"{RECORDS}/redis"), self._redis.failed)
        told = {name: Part(State.FAILED, why=why) for name, why in failed.items() if why}
        return told | self._lacking

    def _try(self, name: str, do: Callable[[], Any]) -> Any:
        if name in self._lacking:
            return None
        try:
            return do()
        except ReplacedError:
            self._lacking[name] = Part(State.ABSENT)
        except Exception as error:  # noqa: BLE001 - a server that is down, or no longer what it was: the manifest says so
            self._lacking[name] = Part(State.FAILED, why=f"{type(error).__name__}: {error}")
        return None

    def _have_statements_logged(self) -> None:
        """Switch the logging of statements on for every connection: the server has loaded the library already, but it logs nothing yet."""
        servers = self._stack.servers
        with Database(servers.admin_url or servers.database_url) as admin:
            if LIBRARY not in str(admin.value("SHOW shared_preload_libraries")):
                self._lacking[SQL] = Part(State.ABSENT)
                return
            wanted = {f"{LIBRARY}.{name}": value for name, value in _SWITCH.items()}
            told = admin.rows("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(wanted))
            if {row["name"]: row["setting"] for row in told} == wanted:
                return
            for name, value in wanted.items():
                admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            admin.execute("SELECT pg_reload_conf()")

    def _changes(self) -> list[dict[str, Any]]:
        return list(self._history.changes())

    def _logged(self) -> list[dict[str, Any]]:
        stack = self._stack
        log = stack.node(POSTGRES).log
        until, before = log.cursor(), self._statements
        if before[0] == until:  # it is judged again, and the log has not grown since
            return before[1]
        text = log.text(max(stack.cursor(POSTGRES), until - MOST_BYTES), until).split("\n")
        database = urlsplit(stack.servers.database_url).path.removeprefix("/")
        found = folded(statements(text, database))
        if len(found) > MOST_STATEMENTS:
            half = MOST_STATEMENTS // 2
            gap = {"wall": found[half]["wall"], "left_out": len(found) - 2 * half, "statement": ""}
            found = [*found[:half], gap, *found[-half:]]
        self._statements = (until, found)
        return found


def _at_once(*verbs: Callable[[], object]) -> None:
    """Do all of them at the same time: each mostly waits for a server."""
    with ThreadPoolExecutor(len(verbs)) as pool:
        for done in [pool.submit(verb) for verb in verbs]:
            done.result()

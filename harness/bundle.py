"""What a failed scenario leaves behind for its reader: one folder, without a secret in it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from redis import Redis

from harness import reset
from harness.database import Database
from harness.redaction import Redactor
from harness.stack import Stack

LONGEST_NAME = 100  # characters; file systems take 255 bytes
REDIS_SECONDS = 5


class Bundle:
    """Gathers a live stack's evidence. Nothing that goes wrong here may hide why the scenario failed: it is written down.

    Args:
        stack: the scenario ran on.
        scenario: its node id, which names the folder.
    """

    def __init__(self, stack: Stack, scenario: str) -> None:
        self._stack = stack
        self.folder = _new_folder(stack.run.folder / "failures", scenario)
        self._redactor = Redactor(
            {
                **stack.secrets,
                **(
                    {
                        "database password": stack.servers.database_url,
                        "Redis password": stack.servers.redis_url,
                    }
                    if stack.on_this_machine
                    else {}
                ),
            }
        )
        self._missing: list[str] = []

    def gather(self, failure: str) -> Path:
        """Write everything that is known about the scenario.

        Args:
            failure: why it failed, as a person is told.

        Returns:
            The folder: `failure.txt`, `journal.ndjson` and `logs/` cut to the scenario, a file for each table in `database/`,
            `queues.json`, `redis.ndjson`, `provider.ndjson` with the bodies, `environment.json`, and `missing.txt` with
            what could not be had.
        """
        stack = self._stack
        self._write("failure.txt", failure)
        parts: dict[str, Callable[[], object]] = {
            "the journal": lambda: self._lines("journal.ndjson", stack.scenario_journal()),
            "the logs": self._logs,
            "the environment": lambda: self._document("environment.json", stack.environments),
            "the provider's calls": lambda: self._lines("provider.ndjson", _provider_calls(stack)),
            "the queues": lambda: self._document("queues.json", reset.waiting(stack.redis)),
            "Redis": lambda: self._lines("redis.ndjson", _redis_keys(stack.servers.redis_url)),
            "the database": self._database,
        }
        for name, part in parts.items():
            with self._noting(name):
                part()
        if self._missing:
            self._write("missing.txt", "\n".join(self._missing))
        return self.folder

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever broke the stack may break this too
            self._missing.append(f"{what}: {type(error).__name__}: {error}")

    def _logs(self) -> None:
        for name, node in self._stack.nodes.items():
            self._write(f"logs/{name}.log", node.log.text(self._stack.cursor(name)))

    def _database(self) -> None:
        for table in _tables(self._stack.database):
            self._lines(f"database/{table}.ndjson", self._stack.database.rows(f'SELECT * FROM "{table}"'))  # noqa: S608 - its own answer

    def _document(self, name: str, content: Mapping[str, Any]) -> None:
        self._write(name, json.dumps(content, indent=2, default=str))

    def _lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self._write(name, "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows))

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self._redactor.clean(text), encoding="utf-8", errors="backslashreplace")


def _new_folder(parent: Path, scenario: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", scenario).strip("-")[-LONGEST_NAME:]
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{parent} is full of {name}")


def _tables(database: Database) -> list[str]:
    found = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row["tablename"] for row in found]


def _provider_calls(stack: Stack) -> Iterator[dict[str, Any]]:
    for call in stack.openai.calls():
        yield {**msgspec.structs.asdict(call), "body": stack.openai.body(call)}


def _redis_keys(url: str) -> Iterator[dict[str, Any]]:
    """Every key with its type and content."""
    with Redis.from_url(
        url, decode_responses=True, encoding_errors="backslashreplace", socket_timeout=REDIS_SECONDS
    ) as redis:
        reading: dict[str, Callable[[str], Any]] = {
            "string": redis.get,
            "list": lambda key: redis.lrange(key, 0, -1),
            "hash": redis.hgetall,
            "set": lambda key: sorted(redis.smembers(key)),
            "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        }
        for key in sorted(redis.scan_iter()):
            kind = redis.type(key)
            content = reading[kind](key) if kind in reading else "not shown"
            yield {"key": key, "type": kind, "content": content}

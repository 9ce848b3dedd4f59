"""The bundle that a failed scenario leaves for its reader: one folder, without secrets."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from redis import Redis

from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import FAILURES, MISSING, EvidenceFolder, folder_name
from harness.evidence.redaction import Redactor
from harness.stack.stack import Stack

REDIS_SECONDS = 5


class Bundle:
    """Gathers a live stack's evidence. Errors in here are written into the bundle: they must not hide why the scenario failed.

    Args:
        stack: the scenario ran on.
        scenario: its node id, which names the folder.
        evidence: of it; its manifest has what could not be read.
    """

    def __init__(self, stack: Stack, scenario: str, evidence: Evidence) -> None:
        self._stack = stack
        self._evidence = evidence
        self.folder = _new_folder(stack.run.folder / FAILURES, scenario)
        self._files = EvidenceFolder(self.folder, Redactor(stack.all_secrets))
        self._missing: list[str] = []

    def gather(self, failure: str) -> Path:
        """Write everything that is known about the scenario.

        Args:
            failure: why it failed, as it is shown to a person.

        Returns:
            The folder: the evidence as harness.evidence.evidence_folder has it, which `harness recheck` judges again, and for a person
            `failure.txt`, `redis.ndjson`, `provider.ndjson` with the bodies, `environment.json`, and `missing.txt` with the list
            of missing things.
        """
        stack, files = self._stack, self._files
        files.write("failure.txt", failure)
        parts: dict[str, Callable[[], object]] = {
            "the environment": lambda: files.document("environment.json", stack.environments),
            "the provider's calls": lambda: files.lines("provider.ndjson", _provider_calls(stack)),
            "Redis": lambda: files.lines("redis.ndjson", _redis_keys(stack.redis_urls)),
            "the evidence": lambda: files.save(self._evidence),
        }
        self._missing += [
            f"{name}: {part.why}" for name, part in (self._evidence.manifest or {}).items() if part.why
        ]
        for name, part in parts.items():
            with self._noting(name):
                part()
        if self._missing:
            files.write(MISSING, "\n".join(self._missing))
        return self.folder

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever broke the stack may break this too
            self._missing.append(f"{what}: {type(error).__name__}: {error}")


def _new_folder(parent: Path, scenario: str) -> Path:
    name = folder_name(scenario)
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{parent} is full of {name}")


def _provider_calls(stack: Stack) -> Iterator[dict[str, Any]]:
    for name, provider in stack.providers.items():
        for call in provider.calls():
            yield {"provider": name, **msgspec.structs.asdict(call), "body": provider.body(call)}


def _redis_keys(urls: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Every key with its type and content, and with the number of its database where there are several."""
    for number, url in enumerate(urls):
        where = {"database": number} if len(urls) > 1 else {}
        yield from ({**where, **key} for key in _keys_of(url))


def _keys_of(url: str) -> Iterator[dict[str, Any]]:
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

"""The client that is judged: a command that asks once, or a service at an address that asks at each request."""

import contextlib
import os
import shlex
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from harness.base.http import http_client

CONNECT_SECONDS = 30.0
POLL_SECONDS = 0.02
LONGEST_SECONDS = 3600.0  # seconds; longer than any check waits


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one piece of work.

    Args:
        ended: whether the client ended in time.
        whole: whether it reports success.
        text: its output.
    """

    ended: bool
    whole: bool = False
    text: str = ""


NEVER = Outcome(ended=False)


class Client(ABC):
    """A client that can be asked for work, and perhaps be killed in the middle of it.

    Args:
        secrets: secrets that it knows and must not send.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.secrets = tuple(secrets)

    def ask(self, prompt: str, patience: float) -> Outcome:
        """Let it do one piece of work.

        Args:
            prompt: text that must be in the client's request to the provider.
            patience: seconds.
        """
        self.start(prompt)
        return self.wait(patience)

    @abstractmethod
    def start(self, prompt: str) -> None:
        """Let it begin; the same prompt is the same work."""

    @abstractmethod
    def wait(self, patience: float) -> Outcome:
        """Wait at most so many seconds and return the outcome; unfinished work is ended."""

    @abstractmethod
    def kill(self) -> bool:
        """Kill it, and make it ready again; return whether that is possible."""


class CommandClient(Client):
    """A command that does one piece of work and ends: with 0 and the answer on its standard output, or otherwise.

    Args:
        argv: of it; the prompt is added.
        base_url: of the provider, given as OPENAI_BASE_URL.
        folder: folder that outlives the process, given as JUDGE_STATE.
        secrets: by name, given in its environment; OPENAI_API_KEY is one of them.
    """

    def __init__(self, argv: Sequence[str], base_url: str, folder: Path, secrets: dict[str, str]) -> None:
        super().__init__(tuple(secrets.values()))
        self._argv = tuple(argv)
        self._environment = {**os.environ, **secrets, "OPENAI_BASE_URL": base_url, "JUDGE_STATE": str(folder)}
        self._process: subprocess.Popen[str] | None = None

    def start(self, prompt: str) -> None:
        """See Client."""
        self._process = subprocess.Popen(
            [*self._argv, prompt],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait(self, patience: float) -> Outcome:
        """See Client."""
        assert self._process is not None, "it has been started"
        try:
            said, _ = self._process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return NEVER
        return Outcome(ended=True, whole=self._process.returncode == 0, text=said)

    def kill(self) -> bool:
        """See Client; its children are killed, too."""
        assert self._process is not None, "it has been started"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        return True


class AddressClient(Client):
    """A service that asks the provider when it gets a POST of `{"prompt": ...}`: 2xx and the answer, or otherwise.

    Args:
        url: of it.
        restart: a command that kills it and starts it again; '' where there is none.
        secrets: that it knows.
    """

    def __init__(self, url: str, restart: str = "", secrets: Sequence[str] = ()) -> None:
        super().__init__(secrets)
        self._url = url
        self._restart = shlex.split(restart)
        self._outcome = NEVER
        self._thread: threading.Thread | None = None

    def start(self, prompt: str) -> None:
        """See Client."""
        self._outcome = NEVER
        self._thread = threading.Thread(target=self._ask, args=(prompt,), daemon=True)
        self._thread.start()

    def wait(self, patience: float) -> Outcome:
        """See Client; a service that does not answer is left alone."""
        assert self._thread is not None, "it has been started"
        self._thread.join(patience)
        return NEVER if self._thread.is_alive() else self._outcome

    def kill(self) -> bool:
        """See Client."""
        if not self._restart:
            return False
        subprocess.run(self._restart, check=True, stdout=subprocess.DEVNULL)
        if not self._comes_back():
            raise TimeoutError(f"{self._url} did not come back in {CONNECT_SECONDS:g} seconds")
        return True

    def _comes_back(self) -> bool:
        """Whether it listens again in time."""
        until = time.monotonic() + CONNECT_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError), http_client(self._url, 1.0) as client:
                client.get("")
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _ask(self, prompt: str) -> None:
        try:
            with http_client(self._url, LONGEST_SECONDS) as client:
                answer = client.post("", json={"prompt": prompt})
            self._outcome = Outcome(ended=True, whole=answer.is_success, text=answer.text)
        except httpx.TransportError as error:
            self._outcome = Outcome(ended=True, text=f"{type(error).__name__}: {error}")

"""The scripted provider from a scenario's side: set its behaviour, and read its calls."""

import itertools
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, cast

import msgspec

from harness.base.http import http_client
from harness.base.wait import eventually
from harness.providers.latency import Delay, Pace
from harness.providers.ledger import Call
from harness.providers.limits import Limits
from harness.providers.scenario import Scenario
from harness.providers.script import Rule

TIMEOUT_SECONDS = 10.0
WAIT_SECONDS = 30.0


C = TypeVar("C", bound=Call)
S = TypeVar("S", bound=Scenario)


class Client(Generic[C, S]):
    """A running scripted provider. Each kind defines how its calls are distinguished and answered.

    Args:
        url: of the server, without a path.
        api_key: opens a space of its own for clients with this key: rules set here do not affect others.
        space: the same by address: only clients of this object's `base_url` are in it.
    """

    API: ClassVar[str] = ""  # prefix of the paths of its API
    CALL: ClassVar[type[Call]] = Call
    SCENARIO: ClassVar[type[Scenario]] = Scenario
    SHOWN: ClassVar[tuple[str, ...]] = ("method", "path", "outcome")  # of a call, to who waits for another

    def __init__(self, url: str, api_key: str = "", space: str = "") -> None:
        root = f"{url}/s/{space}" if space else url
        self.base_url = f"{root}{self.API}"
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = http_client(f"{root}/__fake/", TIMEOUT_SECONDS, headers=headers)
        self._numbers = itertools.count(1)

    def put(self, rule: Rule) -> None:
        """Add or replace a rule."""
        self._ask("PUT", "rule", msgspec.json.encode(rule))

    def load(self, scenario: S | Path) -> None:
        """Replace the whole behaviour.

        Args:
            scenario: or a file of it, in TOML.

        Raises:
            ScenarioError: the file cannot be read.
        """
        found = self.SCENARIO.load(scenario) if isinstance(scenario, Path) else scenario
        self._ask("PUT", "scenario", msgspec.json.encode(found))

    def latency(self, first: float | Delay, between: float | Delay = 0.0) -> None:
        """Let every answer take so long, until the reset.

        Args:
            first: seconds until the answer begins.
            between: seconds between two chunks.
        """
        self._ask("PUT", "pace", msgspec.json.encode(Pace(first=first, between=between)))

    def limits(self, limits: Limits) -> None:
        """Answer 429 to calls beyond these limits, until the reset."""
        self._ask("PUT", "limits", msgspec.json.encode(limits))

    def unscripted(self, allowed: str) -> None:
        """Set which calls without a rule are answered, until the reset: `anything` or `nothing`."""
        self._ask("PUT", "unscripted", msgspec.json.encode(allowed))

    def calls(self, **wanted: Any) -> list[C]:
        """The calls so far, in order.

        Args:
            wanted: fields of the call that must be equal, such as `outcome="cut"` or `trace="..."`; `contains`, a text of its body.
        """
        texts = {name: str(value) for name, value in wanted.items()}
        found = msgspec.json.decode(self._ask("GET", "calls", params=texts), type=list[self.CALL])  # type: ignore[name-defined]
        return cast("list[C]", found)  # CALL is of that type

    def unmatched(self) -> list[C]:
        """The calls that no rule matched; the note of each shows the call and the nearest rule."""
        return self.calls(outcome="unmatched")

    def wait_for(self, count: int = 1, timeout: float = WAIT_SECONDS, **wanted: Any) -> list[C]:
        """The calls, as soon as there are so many of them.

        Raises:
            TimeoutError: there were fewer; shows the calls.
        """

        def enough() -> list[C] | None:
            found = self.calls(**wanted)
            return found if len(found) >= count else None

        return eventually(
            enough,
            timeout=timeout,
            what=f"{count} calls to the provider with {wanted}",
            evidence=lambda: f"asked so far: {[self._shown(call) for call in self.calls()]}",
        )

    def body(self, call: C) -> Any:
        """The request body of a call."""
        return msgspec.json.decode(self._ask("GET", f"bodies/{call.index}"))

    def head(self, call: C) -> dict[str, str]:
        """The headers of a call without its key, and its query as `?`; kept for the last thousand calls."""
        found: dict[str, str] = msgspec.json.decode(self._ask("GET", f"heads/{call.index}"))
        return found

    def totals(self) -> dict[str, Any]:
        """Sums since the reset, as in ledger.Totals, and the server's own `cpu_seconds`."""
        found: dict[str, Any] = msgspec.json.decode(self._ask("GET", "totals"))
        return found

    def reset(self) -> None:
        """Forget every rule, call and latency."""
        self._ask("POST", "reset")

    def close(self) -> None:
        """Close its connections; the provider goes on unchanged."""
        self._http.close()

    def _name(self) -> str:
        """The name of a new rule of this object."""
        return f"rule-{next(self._numbers)}"

    def _shown(self, call: C) -> tuple[object, ...]:
        return tuple(getattr(call, name) for name in self.SHOWN)

    def _ask(
        self, method: str, path: str, content: bytes | None = None, params: dict[str, str] | None = None
    ) -> bytes:
        response = self._http.request(method, path, content=content, params=params or {})
        if response.is_error:
            raise ValueError(f"the scripted provider refused {method} {path}: {response.text}")
        return response.content

"""Eight sins of a client, each with a check that finds it and no other.

A check scripts the provider, has the client do a piece of work, and reads the provider's ledger. A check without evidence is
unknown, which is no pass.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from harness.providers.judge.client import Client
from harness.providers.openai.client import FakeOpenAI
from harness.providers.openai.endpoints import ENDPOINTS
from harness.providers.openai.ledger import Call
from harness.providers.openai.scenario import Scenario
from harness.providers.secrets import LOOKS_SECRET, forms

HOLDS, VIOLATED, UNKNOWN = "holds", "violated", "unknown"
REST_SECONDS = 2.0  # that Retry-After asks for
CLOCKS_SECONDS = 0.05  # seconds by which a wait may look shorter from outside
MOST_ATTEMPTS = 8  # attempts at one question while the provider is down
SHORTEST_PAUSE = 0.1  # seconds of the longest pause between them
SEEN_SECONDS = 10.0
POLL_SECONDS = 0.02
PROMPT_TOKENS, COMPLETION_TOKENS = 48_611, 17_389  # primes, which no answer contains by chance
ANSWER = "The answer is forty-two."


class NotJudgedError(Exception):
    """The client does not even do what every check needs; says what is missing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check has found.

    Args:
        name: of the check.
        sin: the sin that it looks for.
        state: holds, violated or unknown.
        why: in one sentence.
    """

    name: str
    sin: str
    state: str
    why: str


class Judge:
    """Tries one client.

    Args:
        client: that is tried.
        openai: the provider that it asks; no other client may use it.
        patience: seconds that one piece of work may take.
        rest: seconds in Retry-After.
        usual: behaviour of the provider where no check sets another one.
    """

    def __init__(
        self,
        client: Client,
        openai: FakeOpenAI,
        patience: float,
        rest: float = REST_SECONDS,
        usual: Scenario | None = None,
    ) -> None:
        self._client = client
        self._usual = usual or Scenario()
        self._first = 0  # number of the call that a check begins at
        self._schemas = False  # whether the client asks for answers of a schema
        self._usually = 1  # calls of one piece of work
        self._alike = 1  # calls of one piece of work with the same question
        self._rest = rest
        self._openai = openai
        self._patience = patience
        self._sent: list[tuple[int, str]] = []  # sent texts, and places of secrets in them
        self._works = 0

    def verdicts(self, only: tuple[str, ...] = ()) -> Iterator[Verdict]:
        """The verdict of each check, as it comes.

        Args:
            only: names of checks; all by default.

        Raises:
            NotJudgedError: the client sends no request, or does not accept a good answer.
        """
        self._is_one()
        for name, (sin, find) in CHECKS.items():
            if only and name not in only:
                continue
            state, why = find(self)
            self._look_for_secrets()
            yield Verdict(name, sin, state, why)

    def _is_one(self) -> None:
        self._begin()
        outcome = self._client.ask(self._prompt(), self._patience)
        calls = self._calls()
        self._look_for_secrets()
        self._schemas = any(call.schema for call in calls)
        self._usually, self._alike = len(calls), self._most_attempts()
        if not calls:
            raise NotJudgedError(f"the client asked the provider nothing; it said: {outcome.text[-500:]!r}")
        if not outcome.whole:
            raise NotJudgedError(f"the client took a good answer for none; it said: {outcome.text[-500:]!r}")

    def statuses(self) -> tuple[str, str]:
        """Asks again after 400, or does not after 429."""
        self._begin()
        self._all(lambda path: self._openai.on(path=path).fail(400, code="invalid_value"))
        self._client.ask(self._prompt(), self._patience)
        refused = self._most_attempts()
        self._look_for_secrets()
        self._begin()
        self._all(lambda path: self._openai.on(path=path).fail(429, times=1, retry_after=self._rest).answer())
        outcome = self._client.ask(self._prompt(), self._patience)
        limited = self._most_attempts()
        if refused > self._alike:
            return VIOLATED, f"a 400 was asked again: {refused} times in all"
        if not refused or not limited:
            return UNKNOWN, "it made no call"
        if limited <= self._alike:
            return VIOLATED, "a 429 was never asked again"
        if not outcome.whole:
            return UNKNOWN, "it asked again after a 429, and did not come to an end with the answer"
        return HOLDS, f"a 400 was asked once, a 429 {limited} times, and then there was the answer"

    def retry_after(self) -> tuple[str, str]:
        """Does not wait as long as Retry-After says."""
        found: list[float] = []
        for status in (503, 429):  # a client may obey the header for only one of them
            self._begin()
            for path in ENDPOINTS:
                self._openai.on(path=path).fail(status, times=1, retry_after=self._rest).answer()
            self._client.ask(self._prompt(), self._patience)
            rests = self._pauses()
            if rests and min(rests) < self._rest - CLOCKS_SECONDS:
                told = f"told to wait {self._rest:g} s by a {status}"
                return VIOLATED, f"{told} it asked again after {min(rests):.2f} s"
            found += rests
            self._look_for_secrets()
        if not found:
            return UNKNOWN, "neither a 503 nor a 429 was asked again"
        return HOLDS, f"told to wait {self._rest:g} s it asked again after {min(found):.2f} s"

    def hammering(self) -> tuple[str, str]:
        """Asks without a pause while the provider is down: answers 500, or breaks every connection."""
        found = []
        for down, script in (
            ("answered 500", lambda path: self._openai.on(path=path).fail(500)),
            ("broke connections", lambda path: self._openai.on(path=path).cut("reset", at=0.0)),
        ):
            self._begin()
            self._all(script)
            self._client.ask(self._prompt(), self._patience)
            attempts, calls = self._most_attempts(), len(self._calls())
            if not attempts:
                return UNKNOWN, "it made no call"
            if calls > MOST_ATTEMPTS * self._usually:  # perhaps with another text each time
                said = f"{calls} calls in {self._patience:g} s, while the provider {down}"
                return VIOLATED, f"{said}: the same work usually takes {self._usually}"
            pauses = self._pauses()
            longest = max(pauses, default=0.0)
            if attempts > MOST_ATTEMPTS * self._alike:
                most = f"{MOST_ATTEMPTS} at most are allowed"
                return (
                    VIOLATED,
                    f"{attempts} attempts at one question in {self._patience:g} s, while the provider {down}: {most}",
                )
            if len(pauses) > 1 and longest < SHORTEST_PAUSE:
                said = f"{attempts} attempts without a pause, while the provider {down}"
                return VIOLATED, f"{said}: {longest * 1000:.0f} ms at most"
            found.append(f"{attempts} attempts at one question, {longest:.1f} s the longest pause")
            self._look_for_secrets()
        return HOLDS, "; ".join(found)

    def cut_answers(self) -> tuple[str, str]:
        """Takes a cut answer for a complete one."""
        for what, script in (
            ("ended early, in good order", lambda path: self._openai.on(path=path).cut("early")),
            ("is shorter than was announced", lambda path: self._openai.on(path=path).cut("short")),
            ("ended with its connection", lambda path: self._openai.on(path=path).cut("reset")),
            ("was cut at the limit of tokens", lambda path: self._openai.on(path=path).truncate()),
        ):
            self._begin()
            self._all(script)
            outcome = self._client.ask(self._prompt(), self._patience)
            if not self._calls():
                return UNKNOWN, "it made no call"
            if outcome.whole:
                return VIOLATED, f"an answer that {what} was taken for the whole"
            self._look_for_secrets()
        return (
            HOLDS,
            "no answer that ended early, broke off or was cut at the limit was taken for the whole",
        )

    def usage(self) -> tuple[str, str]:
        """Does not report the tokens of an answer."""
        self._begin()
        for path in () if self._schemas else ENDPOINTS:
            self._openai.on(path=path).reply(ANSWER, usage=(PROMPT_TOKENS, COMPLETION_TOKENS))
        outcome = self._client.ask(self._prompt(), self._patience)
        answered = [call for call in self._calls() if call.outcome == "replied"]
        if not answered:
            return UNKNOWN, "it got no answer"
        if any(call.streamed and not call.prompt_tokens for call in answered):
            return (
                VIOLATED,
                "a streamed answer was asked for without its usage (stream_options.include_usage)",
            )
        asked, given = (
            sum(getattr(c, f"{name}_tokens") for c in answered) for name in ("prompt", "completion")
        )
        written = set(map(int, re.findall(r"\d+", outcome.text)))
        if {asked, given} <= written or asked + given in written:
            return HOLDS, f"it says that {asked} and {given} tokens were used"
        return VIOLATED, f"{asked} and {given} tokens were used, and it does not say so"

    def time_out(self) -> tuple[str, str]:
        """Waits for ever for a provider that does not answer."""
        longest = 0.0
        for what, script in (
            ("an answer", lambda path: self._openai.on(path=path).hang()),
            ("the rest of an answer", lambda path: self._openai.on(path=path).stall()),
        ):
            self._begin()
            self._all(script)
            began = time.monotonic()
            outcome = self._client.ask(self._prompt(), self._patience)
            if not self._calls():
                return UNKNOWN, "it made no call"
            if not outcome.ended:
                return VIOLATED, f"it still waited for {what} after {self._patience:g} s"
            longest = max(longest, time.monotonic() - began)
            self._look_for_secrets()
        return HOLDS, f"it gave up after {longest:.1f} s"

    def secrets(self) -> tuple[str, str]:
        """Sends its secrets to the provider."""
        self._begin()
        self._client.ask(self._prompt(), self._patience)
        self._look_for_secrets()
        found = [where for _, where in self._sent if where]
        if not self._sent:
            return UNKNOWN, "it made no call"
        if found:
            return (
                VIOLATED,
                f"{len(found)} of {len(self._sent)} requests have a secret in their body: {found[0]}",
            )
        return (
            HOLDS,
            f"none of {len(self._sent)} requests has one of its secrets in its body, or what looks like one",
        )

    def restart(self) -> tuple[str, str]:
        """Asks again, after a restart, questions that had been answered, or asks the interrupted one more than once."""
        repeated, again = 0, 0
        for script in (
            lambda path: self._openai.on(path=path).hang(times=1).answer(),
            lambda path: self._openai.on(path=path).answer(latency=0.2),
        ):
            self._begin()
            self._all(script)
            prompt = self._prompt()
            self._client.start(prompt)
            if not self._wait_for_a_call():
                self._client.wait(0)
                return UNKNOWN, "it made no call"
            if not self._client.kill():
                return UNKNOWN, "nobody can restart it: say how with --restart"
            before = self._calls()
            outcome = self._client.ask(prompt, self._patience)
            if not outcome.whole:
                return (
                    UNKNOWN,
                    f"after its restart it did not come to an end; it said: {outcome.text[-200:]!r}",
                )
            later = Counter(call.key for call in self._calls()[len(before) :])
            paid = {call.key for call in before if call.outcome == "replied"}
            repeated = max(repeated, sum(count for key, count in later.items() if key in paid))
            again = max(
                [again, *(count for key, count in later.items() if key in {call.key for call in before})]
            )
            self._look_for_secrets()
        if repeated > self._alike or again > self._alike:
            return (
                VIOLATED,
                f"after a restart it asked again: {again} times one question, {repeated} that had been answered",
            )
        return HOLDS, f"after a restart it asked again {again} time at most what had been under way"

    def _begin(self) -> None:
        """Forget the rules; the ledger stays, because others may read it, too."""
        self._openai.load(self._usual)
        self._first = int(self._openai.totals()["calls"])

    def _all(self, script: Callable[[str], object]) -> None:
        """Script every endpoint, because the client may use any of them."""
        for path in ENDPOINTS:
            script(path)

    def _prompt(self) -> str:
        self._works += 1
        return f"Piece of work number {self._works}: what is the answer?"

    def _calls(self) -> list[Call]:
        calls = self._openai.calls()
        return [call for call in calls if call.index >= self._first and call.path in ENDPOINTS]

    def _most_attempts(self) -> int:
        """The largest number of attempts at one question."""
        return max(Counter(call.key for call in self._calls()).values(), default=0)

    def _pauses(self) -> list[float]:
        """Seconds from the end of each attempt to the next one at the same question; parallel attempts have no pause."""
        by_key: dict[str, list[Call]] = {}
        for call in self._calls():
            by_key.setdefault(call.key, []).append(call)
        return [
            later[0] - one.ended
            for calls in by_key.values()
            for number, one in enumerate(calls)
            if one.outcome != "replied"
            and one.ended is not None
            and (
                later := [
                    next_one.began
                    for next_one in calls[max(number + 1, self._alike) :]
                    if next_one.began >= one.ended
                ]
            )
        ]

    def _wait_for_a_call(self) -> bool:
        until = time.monotonic() + min(self._patience, SEEN_SECONDS)
        while time.monotonic() < until:
            if self._calls():
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _look_for_secrets(self) -> None:
        """Read all requests before the provider forgets them, in every space."""
        for call in self._openai.calls():
            if call.index < self._first:
                continue
            self._sent.append((call.index, self._secret(call.path)))
            for part in (self._openai.body, self._openai.head):
                # The first calls of a client that makes thousands are forgotten.
                with suppress(ValueError):
                    self._sent.append((call.index, self._secret(str(part(call)))))

    def _secret(self, text: str) -> str:
        texts = (text, unquote(text))
        forms_of = {secret: tuple(forms(secret)) for secret in self._client.secrets}
        own = next(
            (
                secret
                for secret, known in forms_of.items()
                if any(form in each for form in known for each in texts)
            ),
            None,
        )
        looks = LOOKS_SECRET.search(texts[1])
        if own is None and looks is None:
            return ""
        found = own or (looks[0] if looks else "")
        return f"{found[:6]}..."


CHECKS: dict[str, tuple[str, Callable[[Judge], tuple[str, str]]]] = {
    "statuses": ("retries 400, or never 429", Judge.statuses),
    "retry-after": ("ignores Retry-After", Judge.retry_after),
    "hammering": ("hammers while the provider is down", Judge.hammering),
    "cut-answers": ("takes a cut answer for whole", Judge.cut_answers),
    "usage": ("drops usage", Judge.usage),
    "time-out": ("waits without a time-out", Judge.time_out),
    "secrets": ("sends secrets", Judge.secrets),
    "restart": ("multiplies paid calls after a restart", Judge.restart),
}

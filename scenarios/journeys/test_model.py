"""Users do anything in any order, compared with a model of the right results: accounts, keys, ownership, retry, cancel, delete, paging."""

from collections import Counter
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scenarios.material import curriculum
from scenarios.model import FATES, IN_THE_MAKING, RETRYABLE, Entry, Owner
from scenarios.roadmaps.expected_errors import CONNECTION_LOST, STOOD_STILL
from scenarios.roadmaps.services import CONTENT
from scenarios.seeds import IN_CI, seed_of

QUOTA = 3
ROADMAPS = "/api/v1/roadmaps"
NAMES = st.sampled_from(("ada", "bob"))
ANY = st.integers(0, 99)  # index into a list whose length is not known yet
TOPICS = st.sampled_from([f"{fate} {number}" for fate in FATES for number in range(2)])
KEYS = st.sampled_from(("k1", "k2", "k3"))
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.needs("hurt"),
    pytest.mark.timeout(300),
    pytest.mark.stack(
        env={
            "MAX_ROADMAPS_IN_THE_MAKING": str(QUOTA),
            "LOGIN_ATTEMPTS_PER_MINUTE": "1000",
            "LOGINS_PER_HOUR": "100000",
            "REGISTRATIONS_PER_HOUR": "100000",
        },
        shared=True,
    ),
]


class Users(RuleBasedStateMachine):
    """Two users of one stack. Its worker stands still but in `work`, so that the model knows every status."""

    system = None  # the stack, for all examples
    mistake = ""  # a client's deliberate mistake

    @initialize()
    def sign_up(self):
        self.owners = {name: Owner(QUOTA) for name in ("ada", "bob")}
        self.accounts = {name: self.system.api.sign_up(name) for name in self.owners}
        self.gone = []

    def teardown(self):
        for account in self.accounts.values():
            account.delete()
        self.work()

    def asked(self, name, expected, method, path, **arguments):
        """Make a call of this user that must have this answer; the client's mistakes are made here."""
        if self.mistake == "forgets the key":
            arguments.pop("headers", None)
        if self.mistake == "deletes nothing" and method == "DELETE":
            return None
        if self.mistake == "speaks for somebody else":
            name = "ada"
        return self.accounts[name].expect(expected, method, path, **arguments)

    def some(self, name, index):
        """One of the user's roadmaps."""
        mine = self.owners[name].roadmaps
        return mine[index % len(mine)] if mine else None

    @rule(name=NAMES, topic=TOPICS, key=KEYS)
    def create(self, name, topic, key):
        owner = self.owners[name]
        expected, known = owner.create(topic, key)
        answer = self.asked(
            name, expected, "POST", ROADMAPS, json={"topic": topic}, headers={"Idempotency-Key": key}
        )
        if known:
            assert (answer.json()["id"], answer.json()["status"]) == (known.id, known.status)
        elif expected == 202:
            owner.roadmaps.append(Entry(answer.json()["id"], topic, key))

    @rule(name=NAMES, index=ANY)
    def retry(self, name, index):
        if entry := self.some(name, index):
            self.asked(name, self.owners[name].retry(entry), "POST", f"{ROADMAPS}/{entry.id}/retry")

    @rule(name=NAMES, index=ANY)
    def cancel(self, name, index):
        if entry := self.some(name, index):
            self.asked(name, self.owners[name].cancel(entry), "POST", f"{ROADMAPS}/{entry.id}/cancel")

    @rule(name=NAMES, index=ANY)
    def delete(self, name, index):
        if entry := self.some(name, index):
            self.asked(name, self.owners[name].delete(entry), "DELETE", f"{ROADMAPS}/{entry.id}")
            self.gone.append(entry.id)

    @rule(
        name=NAMES,
        index=ANY,
        verb=st.sampled_from(("GET ", "GET /status", "POST /retry", "POST /cancel", "DELETE ")),
    )
    def meddle(self, name, index, verb):
        """Try an action on another user's roadmap, or on one that no longer exists."""
        method, below = verb.split(" ")
        other = self.some("bob" if name == "ada" else "ada", index)
        for missing in [*([other.id] if other else []), *self.gone[-1:]]:
            self.asked(name, 404, method, f"{ROADMAPS}/{missing}{below}")

    @rule(name=NAMES)
    def revoke(self, name):
        before = self.accounts[name]
        self.asked(name, 204, "POST", "/api/v1/auth/revoke")
        self.accounts[name] = self.system.api.log_in(before.email, before.password)
        before.expect(401, "GET", ROADMAPS)

    @rule(name=NAMES)
    def leave(self, name):
        """Delete the account, and come back as somebody new."""
        before = self.accounts[name]
        self.asked(name, 204, "DELETE", "/api/v1/auth/me")
        before.expect(401, "GET", ROADMAPS)
        self.gone += [entry.id for entry in self.owners[name].roadmaps]
        self.owners[name], self.accounts[name] = Owner(QUOTA), self.system.api.sign_up(name)

    @precondition(lambda self: any(owner.counts()["queued"] for owner in self.owners.values()))
    @rule()
    def work(self):
        self.system.node(CONTENT).resume()
        self.system.stack.wait_until_idle()
        self.system.node(CONTENT).pause()
        for owner in self.owners.values():
            owner.work()

    @rule(
        name=NAMES,
        size=st.integers(1, 3),
        statuses=st.sets(st.sampled_from(sorted({"queued", "completed", *RETRYABLE}))),
    )
    def page(self, name, size, statuses):
        found, cursor = [], ""
        while cursor is not None:
            query = [
                ("limit", size),
                *(("status", status) for status in sorted(statuses)),
                *([("cursor", cursor)] if cursor else []),
            ]
            body = self.asked(name, 200, "GET", f"{ROADMAPS}?{urlencode(query)}").json()
            assert len(body["items"]) <= size
            found += [(item["id"], item["status"], item["topic"]) for item in body["items"]]
            cursor = body["next_cursor"]
        assert found == self.owners[name].listing(*statuses)

    @invariant()
    def listings_agree(self):
        for name, owner in self.owners.items():
            items = self.asked(name, 200, "GET", f"{ROADMAPS}?limit=100").json()["items"]
            assert [(item["id"], item["status"], item["topic"]) for item in items] == owner.listing()

    @invariant()
    def counts_agree(self):
        counted = "SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM (SELECT status, count(*) AS n FROM roadmap_requests GROUP BY status) AS s"
        assert Counter(self.system.database.value(counted)) == sum(
            (owner.counts() for owner in self.owners.values()), Counter()
        )

    @invariant()
    def each_status_agrees(self):
        for name, owner in self.owners.items():
            if owner.roadmaps:
                last = owner.roadmaps[-1]
                assert (
                    self.asked(name, 200, "GET", f"{ROADMAPS}/{last.id}/status").json()["status"]
                    == last.status
                )


def run(system, number, *, examples, steps, mistake="", **changes):
    """Let the users act as the seed says.

    Raises:
        AssertionError: the API and the model disagree; shows the shortest sequence that was found.
    """
    system.openai.on(step="intent", contains='"topic": "bad ').refuse()
    system.openai.on(step="quiz", contains='"topic": "half ').refuse()
    system.openai.on(step="curriculum").reply(curriculum("a"))
    made = seed(number)(type("Run", (Users,), {"system": system, "mistake": mistake, **changes}))
    system.expect_errors_while_hurt(f"{STOOD_STILL}|{CONNECTION_LOST}", CONTENT, most=5)
    system.node(CONTENT).pause()
    try:
        run_state_machine_as_test(
            made,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                report_multiple_bugs=False,  # the first one says enough
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        system.node(CONTENT).resume()


@pytest.fixture
def number(request, system):
    """The seed."""
    return seed_of(request, system)


def test_whatever_users_do_in_whatever_order_is_as_the_model_says(system, number):
    """Creating, repeating, retrying, cancelling, deleting, meddling, leaving and paging in any order: listings, statuses and counts are the model's."""
    run(system, number, examples=8, steps=20)
    system.stack.wait_until_idle()


def is_a_comparison(error):
    """Whether an error consists only of failed comparisons."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_a_comparison, error.exceptions))
    return isinstance(error, AssertionError)


@pytest.mark.in_turn
@pytest.mark.parametrize("mistake", ["forgets the key", "deletes nothing", "speaks for somebody else"])
def test_a_client_that_is_wrong_is_found(system, mistake):
    """The comparison sees a client that forgets its key, does not delete, or speaks for somebody else."""
    with pytest.raises((AssertionError, BaseExceptionGroup), check=is_a_comparison):
        run(system, IN_CI, examples=20, steps=25, mistake=mistake)


class Careless(Owner):
    """A wrong model, in which a cancelled roadmap goes on."""

    def cancel(self, entry):
        expected = super().cancel(entry)
        if expected == 200:
            entry.status = IN_THE_MAKING
        return expected


def test_a_model_that_is_wrong_is_found(system):
    """The comparison sees a rule of the model that is not the product's."""

    def sign_up(self):
        Users.sign_up(self)
        self.owners = {name: Careless(QUOTA) for name in self.owners}

    # Without unrelated rules the mistake is found sooner.
    others = dict.fromkeys(("leave", "meddle", "page", "revoke"))
    with pytest.raises((AssertionError, BaseExceptionGroup), check=is_a_comparison):
        run(system, IN_CI, examples=20, steps=25, sign_up=initialize()(sign_up), **others)

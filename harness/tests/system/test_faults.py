"""The one way to hurt something is tried on a fault that is made up: it must bite, heal, and be recovered from."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from harness.evidence.checks.faults_bitten import faults_bitten
from harness.evidence.checks.finding import Outcome
from harness.evidence.evidence import Evidence
from harness.evidence.journal import Journal
from harness.plugin.fault_rows import faults_in
from harness.system.faults import FAULTS, Dropped, HalfOpen, Narrow, Slow, Way
from harness.system.faults.fault import Fault
from harness.system.faults.faults import Faults, NeverBitError, NotRecoveredError

SOON = 0.2


@dataclass
class Itch(Fault):
    traces: list[str] = field(default_factory=lambda: ["scratched"])
    healing: Exception | None = None
    healed: bool = False

    @property
    def target(self) -> str:
        return "back"

    def inject(self, stack) -> None:
        pass

    def heal(self, stack) -> None:
        if self.healing:
            raise self.healing
        self.healed = True

    def trace(self, stack) -> str:
        return self.traces.pop(0) if len(self.traces) > 1 else self.traces[0]


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal.ndjson")
    yield made
    made.close()


@pytest.fixture
def faults(journal):
    return Faults(SimpleNamespace(journal=journal))


def phases(journal):
    return [record["phase"] for record in journal.records("fault")]


def test_a_fault_is_recorded_when_injected_bitten_healed_and_recovered(faults, journal):
    probed = iter([False, False, False, True])
    with faults.inject(Itch(), recovered=lambda: next(probed), within=5) as itch:
        assert phases(journal) == ["injected"]
        assert not itch.healed
    assert itch.healed
    assert phases(journal) == ["injected", "bitten", "healed", "recovered"]
    (seen,) = faults_in(journal.records("fault"))
    assert (seen["name"], seen["target"], seen["times"], seen["traces"]) == ("Itch", "back", 1, ["scratched"])
    assert 0.1 <= seen["worst_recovery"] < 5
    assert faults_bitten(Evidence(journal=journal.records())).outcome is Outcome.HOLDS


def test_a_fault_is_held_until_the_probe_has_noticed_it(faults, journal):
    """What a probe asks may be remembered for a while."""
    probed = iter([True, True, False, True])
    with faults.inject(Itch(), recovered=lambda: next(probed)):
        pass
    assert faults_bitten(Evidence(journal=journal.records())).outcome is Outcome.HOLDS


def test_a_probe_that_is_true_while_it_hurts_times_nothing(faults, journal, monkeypatch):
    """Whoever is well all along has not recovered."""
    monkeypatch.setattr("harness.system.faults.faults.NOTICES_SECONDS", SOON)
    with faults.inject(Itch(), recovered=lambda: True):
        pass
    judged = faults_bitten(Evidence(journal=journal.records()))
    assert judged.outcome is Outcome.VIOLATED
    assert list(judged.facts) == [
        "Itch of back (1): its probe of recovery was true while it still hurt, so that it tells nothing"
    ]


def test_a_system_may_be_well_all_along_where_that_is_said(faults, journal):
    with faults.inject(Itch(), recovered=lambda: True, stays_well=True):
        pass
    assert phases(journal) == ["injected", "bitten", "healed", "recovered"]
    assert faults_bitten(Evidence(journal=journal.records())).outcome is Outcome.HOLDS


def test_a_probe_that_has_no_answer_while_it_hurts_is_not_true(faults, journal):
    answers = iter([False, True])

    def probe():
        if not next(answers):
            raise ConnectionError
        return True

    with faults.inject(Itch(), recovered=probe):
        pass
    assert faults_bitten(Evidence(journal=journal.records())).outcome is Outcome.HOLDS


def test_a_fault_is_held_until_it_bites(faults):
    itch = Itch(traces=["", "", "scratched"])
    with faults.inject(itch):
        pass
    assert itch.traces == ["scratched"]


def test_a_fault_that_never_bites_is_healed_and_fails_the_scenario(faults, journal):
    itch = Itch(traces=[""])
    with pytest.raises(NeverBitError, match="Itch of back never bit"), faults.inject(itch, bites_within=SOON):
        pass
    assert itch.healed
    assert phases(journal) == ["injected", "healed"]
    assert faults_bitten(Evidence(journal=journal.records())).outcome is Outcome.VIOLATED


def test_a_recovery_that_takes_too_long_fails_the_scenario(faults, journal):
    never = faults.inject(Itch(), recovered=lambda: False, within=SOON)
    with pytest.raises(NotRecoveredError, match="recovery from Itch"), never:
        pass
    assert phases(journal) == ["injected", "bitten", "healed", "not recovered"]
    judged = faults_bitten(Evidence(journal=journal.records()))
    assert (judged.outcome, "not recovered within" in judged.facts[0]) == (Outcome.VIOLATED, True)


def test_a_mark_that_it_does_not_leave_in_the_product_fails_the_scenario(faults, monkeypatch):
    monkeypatch.setattr("harness.system.faults.faults.LEAVES_SECONDS", SOON)
    unmarked = faults.inject(Itch(), leaves=("a second attempt", lambda: False))
    with pytest.raises(NeverBitError, match="a second attempt"), unmarked:
        pass


def test_the_mark_that_it_leaves_is_one_of_its_traces(faults, journal):
    with faults.inject(Itch(), leaves=("a second attempt", lambda: True)):
        pass
    (seen,) = faults_in(journal.records("fault"))
    assert seen["traces"] == ["scratched", "a second attempt"]


def test_a_scenario_that_fails_under_a_fault_fails_with_its_own_error_and_heals_it(faults, journal):
    itch = Itch(traces=[""])
    with pytest.raises(ZeroDivisionError), faults.inject(itch):
        _ = 1 / 0
    assert itch.healed
    assert phases(journal) == ["injected", "healed"]


def test_a_fault_that_cannot_be_healed_does_not_hide_why_the_scenario_failed(faults):
    with pytest.raises(ZeroDivisionError) as raised, faults.inject(Itch(healing=OSError("gone"))):
        _ = 1 / 0
    assert "Itch of back could not be healed: OSError('gone')" in raised.value.__notes__


def test_pairs_are_told_apart(faults, journal):
    with faults.inject(Itch()), faults.inject(Itch()):
        pass
    assert {record["number"] for record in journal.records("fault")} == {1, 2}
    (seen,) = faults_in(journal.records("fault"))
    assert seen["times"] == 2


def test_what_is_injected_by_other_means_needs_a_trace_too(faults, journal):
    faults.note("429", "openai", times=3, trace="3 calls were answered 429")
    (seen,) = faults_in(journal.records("fault"))
    assert (seen["times"], seen["traces"]) == (3, ["3 calls were answered 429"])
    for times, trace in ((3, ""), (0, "something")):
        with pytest.raises(NeverBitError):
            faults.note("429", "openai", times=times, trace=trace)


def test_what_a_fault_on_a_link_is_given_is_what_it_does():
    assert HalfOpen("a/b", Way.UP).hurts == {"half_open": "up"}
    assert Slow("a/b", 0.2).hurts == {"latency": 0.2}
    assert Narrow("a/b", 100.0).hurts == {"bandwidth": 100.0}
    assert Dropped("a/b", "content").hurts == {"drop": "content"}


def test_every_fault_says_what_it_is():
    assert len({kind.__name__ for kind in FAULTS}) == len(FAULTS)
    assert all(kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}(") for kind in FAULTS)

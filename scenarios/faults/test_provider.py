"""The provider in every kind of trouble, one row of the table; scenarios/faults/openai has each kind in all its forms."""

import pytest

from scenarios.faults.openai.rows import suffer

pytestmark = [pytest.mark.e2e, pytest.mark.row(15)]
IMPATIENT = pytest.mark.stack(env={"OPENAI_TIMEOUT_SECONDS": "1"})
ONCE = {
    "429": lambda provider: provider.fail(429, times=1),
    "500": lambda provider: provider.fail(500, times=1),
    "stall": lambda provider: provider.stall(times=1),
    "cut": lambda provider: provider.cut("reset", times=1),
    "malformed": lambda provider: provider.garble("json", times=1),
}
FOR_GOOD = {
    "500": (lambda provider: provider.fail(500), "http_500", 3),
    "malformed": (lambda provider: provider.garble("json"), "malformed", 3),
    "refusal": (lambda provider: provider.refuse(), "refused", 1),
}


def note(system, name, found):
    """Note the fault; its traces are the provider's own records."""
    calls = system.openai.calls(step="curriculum")
    fault = calls[0].rule  # the sound answer that follows comes from another rule
    done = [call.outcome for call in calls if call.rule == fault]
    trace = f"{found.calls} calls for the step, answered by the provider as {', '.join(done)}"
    system.faults.note(f"provider: {name}", "openai", times=len(done), trace=trace)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=IMPATIENT) if name == "stall" else name for name in ONCE]
)
def test_a_provider_that_fails_once_is_asked_once_more(system, name):
    """One answer of the provider is of no use: it is asked once more, and the roadmap is complete."""
    found = suffer(system, ONCE[name])
    assert (found.status, found.calls) == ("completed", 2)
    note(system, name, found)


@pytest.mark.in_turn
@pytest.mark.parametrize("name", FOR_GOOD)
def test_a_provider_that_fails_for_good_is_not_asked_for_ever(system, name):
    """No answer of the provider is of use: so many calls and no more, a reason, and never half a roadmap."""
    fault, code, calls = FOR_GOOD[name]
    found = suffer(system, fault)
    assert (found.status, found.code, found.calls) == ("failed", code, calls)
    note(system, f"{name} for good", found)

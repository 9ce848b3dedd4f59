"""What a roadmap has cost: every answer that was paid for, at the price of its time, whatever became of it."""

import pytest

from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]
PROMPT, COMPLETION = 0.15, 0.60  # US dollars a million tokens, the defaults


def test_the_cost_of_a_roadmap_is_what_the_provider_told_of(system):
    """Tokens and dollars of a roadmap are the sums of the provider's ledger: useless answers and a retry among them."""
    system.openai.on(step="intent").truncate(times=1).reply({}, wrong=True, times=1)
    system.openai.on(step="curriculum").reply(curriculum("a", "b"), usage=(1000, 2000))
    system.openai.on(step="quiz", concept="a").refuse(times=1)
    account = system.api.sign_up()
    roadmap = account.create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "partially_completed"
    roadmap.retry()
    assert roadmap.wait_until_ended()["status"] == "completed"

    told, shown = system.openai.totals(), roadmap.status()["usage"]

    assert shown["calls"] == told["calls"] == 3 + 1 + 6 + 1
    assert shown["prompt_tokens"] == told["prompt_tokens"]
    assert shown["completion_tokens"] == told["completion_tokens"]
    dollars = (told["prompt_tokens"] * PROMPT + told["completion_tokens"] * COMPLETION) / 1e6
    assert shown["cost_usd"] == pytest.approx(dollars, abs=2e-5)

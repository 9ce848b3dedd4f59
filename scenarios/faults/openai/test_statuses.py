"""The provider answers with an error: each status, and each way to say when to ask again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from scenarios.faults.openai.rows import STEP, suffer
from scenarios.material import curriculum
from scenarios.roadmaps.services import CONTENT

pytestmark = [pytest.mark.e2e, pytest.mark.once]
PASSING = (408, 409, 429, 500, 502, 503, 504, 529)
REFUSED = "the provider .* OPENAI_API_KEY"  # log line for the operator about the account
OF_THE_ACCOUNT = {401, 402, 403, 404}  # statuses
LASTING = (400, 401, 403, 404, 413, 422)


@pytest.mark.in_turn
@pytest.mark.parametrize("status", PASSING)
def test_a_passing_error_is_asked_again(system, status):
    """An error that may pass is asked again, once the backoff is over."""
    found = suffer(system, lambda it: it.fail(status, times=1))
    assert (found.status, found.calls) == ("completed", 2)
    assert 0.25 <= found.gaps[0] < 2


@pytest.mark.in_turn
@pytest.mark.parametrize("status", LASTING)
def test_a_lasting_error_is_not(system, status):
    """An error that no waiting mends ends the roadmap after one call."""
    if status in OF_THE_ACCOUNT:
        system.expect_errors(REFUSED, CONTENT, least=0)  # it says so once a minute
    found = suffer(system, lambda it: it.fail(status))
    assert (found.status, found.code, found.calls) == ("failed", f"http_{status}", 1)


@pytest.mark.parametrize("status", [429, 500])
def test_an_error_that_does_not_pass_is_asked_three_times(system, status):
    """An error that might pass and does not ends the roadmap after three calls."""
    found = suffer(system, lambda it: it.fail(status))
    assert (found.status, found.code, found.calls) == ("failed", f"http_{status}", 3)


@pytest.mark.in_turn
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", ["retry_after", "retry_after_ms"])
def test_the_wait_that_is_asked_for_is_given(system, status, header):
    """Retry-After and retry-after-ms decide when it is asked again, with a 429 as with a 503."""
    asked = {"retry_after": 1.2} if header == "retry_after" else {"retry_after_ms": 1200}
    found = suffer(system, lambda it: it.fail(status, times=1, **asked))
    assert (found.status, found.calls) == ("completed", 2)
    assert 1.2 <= found.gaps[0] < 3


def test_the_wait_may_be_a_date(system):
    """A Retry-After that is a date is waited for."""
    # A date has whole seconds.
    until = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
    written = format_datetime(until, usegmt=True)
    found = suffer(system, lambda it: it.fail(503, times=1, retry_after=written))
    assert (found.status, found.calls) == ("completed", 2)
    assert system.openai.calls(step=STEP)[-1].wall >= until.timestamp()


def test_a_wait_beyond_all_patience_is_not_begun(system):
    """Who is asked to wait for longer than two minutes gives up, and does not ask sooner."""
    found = suffer(system, lambda it: it.fail(429, retry_after=121))
    assert (found.status, found.code, found.calls) == ("failed", "http_429", 1)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("status", "should_retry", "calls"), [(500, False, 1), (429, False, 1), (400, True, 2)]
)
def test_the_providers_own_word_counts_more_than_the_status(system, status, should_retry, calls):
    """x-should-retry decides, whatever the status would have said."""
    found = suffer(system, lambda it: it.fail(status, times=1, should_retry=should_retry))
    assert (found.status, found.calls) == ("completed" if calls > 1 else "failed", calls)


def test_a_quota_that_is_used_up_is_not_asked_for_again(system):
    """A 429 for want of credit is no rate limit: it is asked once."""
    system.expect_errors(REFUSED, CONTENT, least=0)  # it says so once a minute
    found = suffer(system, lambda it: it.fail(429, code="insufficient_quota"))
    assert (found.status, found.code, found.calls) == ("failed", "http_429", 1)


def test_a_gateways_page_is_an_error_like_any_other(system):
    """A 502 with a page of HTML is asked again."""
    found = suffer(system, lambda it: it.fail(502, html=True, times=1))
    assert (found.status, found.calls) == ("completed", 2)


def test_a_rate_limit_is_lived_with(system):
    """Under a token bucket every part is written: who is told to wait goes slower, with all that is still to ask."""
    system.openai.limit(requests=4, per=1)
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "completed"
    limited = system.openai.calls(outcome="limited")
    assert limited
    assert roadmap.status()["usage"]["calls"] == len(system.openai.calls())

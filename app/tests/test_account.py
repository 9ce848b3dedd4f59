"""A refusal of our account is recognised by the provider's status or code, and logged once a minute without any setting's value."""

import json
import logging

import httpx
import pytest

from app.core.settings import Settings
from app.roadmaps.account import Notice, Refusal, refusal
from app.roadmaps.answer import ProviderError
from app.roadmaps.provider import Provider
from app.schemas.content import IntentAnalysis
from app.tests.memory import INTENT
from app.tests.test_provider import MESSAGES, completion

KEY = "sk-a-key-that-nobody-may-see"


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [
        (401, (), Refusal.KEY),
        (401, ("invalid_api_key", "invalid_request_error"), Refusal.KEY),
        (402, ("Insufficient Balance",), Refusal.QUOTA),
        (403, ("unsupported_country_region_territory",), Refusal.ACCESS),
        (403, ("model_not_found",), Refusal.MODEL),
        (404, ("model_not_found",), Refusal.MODEL),
        (404, (None, None), Refusal.MODEL),
        (404, ("DeploymentNotFound",), Refusal.MODEL),
        (429, ("insufficient_quota", "insufficient_quota"), Refusal.QUOTA),
        (429, (None, "insufficient_quota"), Refusal.QUOTA),
        (429, ("billing_not_active",), Refusal.QUOTA),
        (400, ("billing_hard_limit_reached",), Refusal.QUOTA),
        (400, ("model_not_found",), Refusal.MODEL),
        (429, ("rate_limit_exceeded", "requests"), None),
        (400, ("context_length_exceeded",), None),
        (400, ([], {}, 7, None), None),
        (500, (), None),
    ],
)
def test_what_is_about_the_account_is_known(status, codes, expected):
    assert refusal(status, *codes) is expected


@pytest.mark.parametrize("found", Refusal)
def test_each_names_the_variable_and_what_to_do(found):
    assert "OPENAI_" in found.meaning
    assert any(word in found.meaning for word in ("set ", "pay", "see "))


def test_it_is_said_at_once_and_then_once_a_minute_with_their_number(caplog):
    now = 0.0
    notice = Notice(lambda: now)
    for second in range(125):
        now = float(second)
        notice.refused(Refusal.KEY)
    assert [(r.levelno, r.args[1]) for r in caplog.records] == [
        (logging.ERROR, number) for number in (1, 60, 60)
    ]


def test_that_it_has_passed_is_said_and_not_repeated(caplog):
    caplog.set_level(logging.INFO)
    notice = Notice(lambda: 0.0)
    notice.accepted()
    notice.refused(Refusal.QUOTA)
    notice.accepted()
    notice.accepted()
    notice.refused(Refusal.QUOTA)  # within the same minute
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


@pytest.mark.httpx2(base_url="https://api.openai.com/v1")
async def test_the_provider_says_it_and_no_value(httpx2_mock, caplog):
    caplog.set_level(logging.INFO, "app")
    provider = Provider(Settings(service_type="celery_content", openai_api_key=KEY))
    told = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}
    httpx2_mock.post("/chat/completions").mock(
        side_effect=[httpx.Response(401, json=told), completion(json.dumps(INTENT))]
    )
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.refused is Refusal.KEY
    assert caught.value.as_json() == {"code": "http_401", "message": "The provider answered 401."}
    await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    await provider.close()
    assert [record.levelname for record in caplog.records if record.name == "app.roadmaps.account"] == [
        "ERROR",
        "INFO",
    ]
    assert "OPENAI_API_KEY" in caplog.text
    assert KEY not in caplog.text

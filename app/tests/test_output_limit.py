import pytest

from app.roadmaps.output_limit import LEAST, OutputLimit, most_tokens, output_limit

LEARNT = "my-deployment"


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("gpt-4o-mini", {"max_completion_tokens": 16_384}),
        ("ft:gpt-4o-mini-2024-07-18:acme::id", {"max_completion_tokens": 16_384}),
        ("FT:GPT-4o-mini-2024-07-18:acme::id", {"max_completion_tokens": 16_384}),
        ("gpt-4o-2024-05-13", {"max_completion_tokens": 4_096}),
        ("openai/gpt-4o-2024-05-13", {"max_completion_tokens": 4_096}),
        ("gpt-4o-2024-08-06", {"max_completion_tokens": 16_384}),
        ("openai/gpt-4.1", {"max_completion_tokens": 20_000}),
        ("gpt-4.1-nano-2025-04-14", {"max_completion_tokens": 20_000}),
        ("gpt-4-turbo", {"max_tokens": 4_096}),
        ("gpt-4-0125-preview", {"max_tokens": 4_096}),
        ("gpt-4", {"max_tokens": 4_096}),  # prompt and answer share 8,192
        ("gpt-4-0613", {"max_tokens": 4_096}),
        ("gpt-3.5-turbo", {"max_tokens": 4_096}),
        ("gpt-3.5-turbo-0613", {"max_tokens": 2_048}),
        ("ft:gpt-3.5-turbo-0125:acme::id", {"max_tokens": 4_096}),
        ("gpt-35-turbo", {"max_tokens": 4_096}),
        ("o3-mini", {"max_completion_tokens": 20_000}),
        ("o1", {"max_completion_tokens": 20_000}),
        ("gpt-5-nano", {"max_completion_tokens": 20_000}),
        ("gpt-5.1", {"max_completion_tokens": 20_000}),
        ("gpt-5-chat-latest", {"max_completion_tokens": 16_384}),
        ("chatgpt-4o-latest", {"max_completion_tokens": 16_384}),
        ("deepseek-chat", {"max_tokens": 20_000}),
        ("gpt-oss-120b", {"max_tokens": 20_000}),
        ("o1ympus-7b", {"max_tokens": 20_000}),
        ("o3000", {"max_tokens": 20_000}),
        (LEARNT, {"max_tokens": 20_000}),
    ],
)
def test_each_family_takes_the_limit_by_its_name_and_no_more_than_it_writes(model, limit):
    assert output_limit(model, 20_000) == limit
    assert most_tokens(model, 20_000) == next(iter(limit.values()))


def test_a_smaller_limit_is_kept():
    assert output_limit("gpt-4o-mini", 1_000) == {"max_completion_tokens": 1_000}


def error(message, code=None, param=None):
    return {"message": message, "type": "invalid_request_error", "param": param, "code": code}


NAMED = error(
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "unsupported_parameter",
    "max_tokens",
)
TOO_LARGE = error(
    "max_tokens is too large: 20000. This model supports at most 4096 completion tokens, whereas you provided 20000.",
    "invalid_value",
    "max_tokens",
)
TOGETHER = error(
    "This model's maximum context length is 8192 tokens. However, you requested 8300 tokens (108 in the messages,"
    " 8192 in the completion). Please reduce the length of the messages or completion.",
    "context_length_exceeded",
    "messages",
)

EXTRA = {"detail": [{"loc": ["body", "max_tokens"], "msg": "Extra inputs are not permitted"}]}


@pytest.mark.parametrize(
    ("refusals", "parameter"),
    [
        ([NAMED], {"max_completion_tokens": 20_000}),
        ([TOO_LARGE], {"max_tokens": 4_096}),
        ([NAMED, TOO_LARGE], {"max_completion_tokens": 4_096}),
        ([TOGETHER, TOGETHER], {"max_tokens": 4_096}),
        ([error("max_tokens must be less than or equal to 8192")], {"max_tokens": 8_192}),
        (
            [error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]")],
            {"max_tokens": 10_000},
        ),
        ([EXTRA], {"max_completion_tokens": 20_000}),
    ],
)
def test_what_no_name_tells_is_learnt_from_what_is_refused(refusals, parameter, caplog):
    limit = OutputLimit(LEARNT, 20_000)
    for refusal in refusals:
        assert limit.refused(limit.parameter, 400, {"error": refusal})
    assert limit.parameter == parameter
    assert len(caplog.records) == len(refusals)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": TOO_LARGE}),
        (400, {"error": error("The model does not exist")}),
        (400, None),
        (400, "<html>"),
    ],
)
def test_what_is_refused_for_something_else_changes_nothing(status, body):
    limit = OutputLimit(LEARNT, 20_000)
    assert not limit.refused(limit.parameter, status, body)
    assert limit.parameter == {"max_tokens": 20_000}


def test_a_call_that_was_on_its_way_meanwhile_is_made_again_and_learns_nothing():
    limit = OutputLimit(LEARNT, 20_000)
    asked = limit.parameter
    assert limit.refused(asked, 400, TOO_LARGE)
    assert limit.refused(asked, 400, TOO_LARGE)
    assert limit.parameter == {"max_tokens": 4_096}


def test_it_comes_to_an_end():
    """Whatever a provider refuses: in the end the call is refused for good."""
    limit = OutputLimit(LEARNT, 1_000_000)
    for _ in range(20):
        again = limit.refused(limit.parameter, 400, TOGETHER | {"message": "max_tokens is not supported"})
    assert not again
    assert next(iter(limit.parameter.values())) == LEAST

"""W3C Trace Context: which headers are continued, and which are replaced. The cases come from the recommendation and its test suite."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batch_sender import LINKS, Message
from app.core.publisher import merged
from app.core.spans import Side, span
from app.core.trace_context import LONGEST_STATE, TraceContext, current, entered, new_trace, of_headers, parse
from app.roadmaps import messages

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (GOOD, True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),  # unknown flags
        (f"00-{TRACE}-{SPAN}-fe", False),
        (f"cc-{TRACE}-{SPAN}-01", True),  # an unknown version
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", True),
        (f"  {GOOD}\t", True),  # blanks around a field's value do not belong to it
    ],
)
def test_what_a_caller_says_is_gone_on_with(header, sampled):
    assert parse([header]) == TraceContext(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        [GOOD, GOOD],
        [f"{GOOD}-more"],
        [f"{GOOD}-"],
        [f"{GOOD}.01"],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE.upper()}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN.upper()}-01"],
        [f"00-{TRACE[:-1]}-{SPAN}-01"],
        [f"00-{TRACE}0-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-1"],
        [f"00-{TRACE}-{SPAN}"],
        [f"0-{TRACE}-{SPAN}-01"],
        [f"cc-{TRACE}-{SPAN}-01.what"],
        [f"00-{TRACE}-{SPAN}-01\n"],
        [f"00-{TRACE.replace('4', '٤')}-{SPAN}-01"],  # digits, but not ASCII
        [GOOD.replace("-", "_")],
        [None],
    ],
)
def test_what_cannot_be_read_says_nothing(headers):
    assert parse(headers) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["a=1"], "a=1"),
        (["a=1,b=2", "c=3"], "a=1,b=2,c=3"),
        (["a=1 , b=2,,"], "a=1,b=2"),
        (["tenant@system=x", "0k=v"], "tenant@system=x,0k=v"),
        (["a=1,a=2"], ""),  # a key may occur once
        (["A=1"], ""),
        (["a"], ""),
        (["a=1=2"], ""),
        (["a=\x01"], ""),
        ([",".join(f"k{n}=1" for n in range(33))], ""),
        ([f"a={'x' * 256},b={'y' * 256}"], ""),  # longer than the part that must be kept
    ],
)
def test_a_state_is_passed_on_whole_or_not_at_all(given, kept):
    found = parse([GOOD], given)
    assert found == TraceContext(TRACE, SPAN, state=kept)
    assert len(found.state) <= LONGEST_STATE


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.?"), st.text())
def test_whatever_comes_what_is_read_can_be_read_again(header, state):
    found = parse([header], [state])
    if found is not None:
        assert parse([found.traceparent], [found.state]) == found
        assert of_headers(found.headers()) == found


@pytest.mark.parametrize("value", [7, None, ["x"], {"a": 1}, b"x"])
def test_a_header_of_a_message_may_be_anything(value):
    assert of_headers({"traceparent": value}) is None
    assert of_headers({"traceparent": GOOD, "tracestate": value}) == TraceContext(TRACE, SPAN)


def test_a_span_goes_on_from_the_one_around_it_and_ends_with_it():
    assert current() is None
    with span("outer", Side.SERVER) as outer, span("inner", Side.CLIENT) as inner:
        assert current() == inner.context
        assert inner.parent == outer.context
        assert inner.context.trace_id == outer.context.trace_id
        assert inner.context.span_id != outer.context.span_id
    assert current() is None


async def test_tasks_of_one_loop_are_in_their_own_spans():
    async def seen() -> tuple[TraceContext | None, TraceContext]:
        with span("x", Side.CLIENT) as made:
            await asyncio.sleep(0)
            return current(), made.context

    for inside, made in await asyncio.gather(*(seen() for _ in range(5))):
        assert inside == made


def test_a_message_says_where_it_comes_from():
    with entered(parse([GOOD], ["a=1"])):
        made = messages.store([{}])
    assert made.headers() == {"traceparent": GOOD, "tracestate": "a=1"}


def test_a_message_that_nothing_caused_begins_a_trace():
    headers = Message("t", "q", {}).headers()
    assert parse([headers["traceparent"]])
    assert LINKS not in headers


def test_a_message_of_several_traces_goes_on_with_none_and_names_each():
    contexts = [new_trace() for _ in range(3)]
    parts = []
    for context in [*contexts, contexts[0]]:
        with entered(context):
            parts.append(messages.store([{}]))
    (both,) = merged(parts)
    assert len(both.arguments["events"]) == 4
    headers = both.headers()
    assert headers[LINKS].split() == [context.traceparent for context in contexts]
    assert parse([headers["traceparent"]]).trace_id not in {context.trace_id for context in contexts}


def test_a_message_of_several_spans_of_one_trace_goes_on_with_it():
    with span("outer", Side.SERVER) as outer:
        one = messages.store([{}])
        with span("inner", Side.CLIENT):
            other = messages.store([{}])
    (both,) = merged([one, other])
    assert both.headers() == outer.context.headers()

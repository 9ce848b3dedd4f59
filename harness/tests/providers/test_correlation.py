"""What a header says of a call, in the form that a client of the provider has."""

import pytest

from harness.providers.correlation import Correlation, CorrelationError


def read(text: str, *how: str):
    correlation = Correlation(*how)
    return correlation.read({correlation.header: text.encode("latin-1")})


def test_without_the_header_nothing_is_known():
    assert Correlation().read({b"x-request-id": b"r1/quiz/c1/2"}) == {}


def test_the_usual_form_has_four_parts_and_a_dash_for_none():
    assert read("r1/intent/-/2") == {
        "request": "r1",
        "step": "intent",
        "concept": "",
        "concept_id": "",
        "attempt": 2,
        "correlation": "r1/intent/-/2",
        "key": "r1/intent/",
    }


@pytest.mark.parametrize("text", ["", "r1", "r1/quiz/c1", "r1/quiz/c1/2/3"])
def test_another_form_is_a_key_as_a_whole(text):
    assert read(text) == {"correlation": text, "key": text}


def test_an_attempt_that_is_no_number_is_none():
    assert read("r1/quiz/c1/second")["attempt"] == 0


@pytest.mark.parametrize(
    ("pattern", "text", "said"),
    [
        ("{request}", "order/7", {"request": "order/7", "attempt": 0, "key": "order/7"}),
        ("{attempt}", "3", {"attempt": 3, "key": "3"}),
        ("id={request};try={attempt}", "id=a-b;try=2", {"request": "a-b", "attempt": 2, "key": "a-b"}),
        ("{step}:{request}", "pay:9", {"step": "pay", "request": "9", "attempt": 0, "key": "pay/9"}),
    ],
)
def test_an_application_has_a_form_of_its_own(pattern, text, said):
    about = {"concept": "", "concept_id": ""}
    assert read(text, pattern, "X-Own") == {**about, **said, "correlation": text}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"about": {"name": "所有权"}}', "所有权"),
        ('{"about": {"name": 7}}', ""),
        ('{"about": "x"}', ""),
        ('{"about": ', ""),
        ("[1]", ""),
        ("", ""),
        ("about.name", ""),
    ],
)
def test_a_concept_is_called_as_the_text_names_it_where_the_header_has_its_id(text, named):
    correlation = Correlation(concept_at="about.name")
    assert correlation.named(text) == named
    said = correlation.read({correlation.header: b"r1/quiz/tcp%2Fip/1"}, named)
    assert (said["concept"], said["concept_id"], said["key"]) == (
        named or "tcp/ip",
        "tcp/ip",
        "r1/quiz/tcp/ip",
    )
    assert correlation.read({correlation.header: b"r1/intent/-/1"}, named)["concept"] == ""
    assert Correlation().named(text) == ""


@pytest.mark.parametrize("pattern", ["", "none", "{topic}", "{request}/{request}", "{}"])
def test_what_is_no_form_is_refused(pattern):
    with pytest.raises(CorrelationError, match="is no pattern"):
        Correlation(pattern)

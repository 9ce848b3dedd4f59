"""Generates a hostile provider's answers: of the right form with any content, and wrong in any one place."""

import gzip
import json
import zlib
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from app.schemas.content import Curriculum, IntentAnalysis, Quiz, Resources, StructuredOutput, Tutorial
from app.tests.memory import ANSWERS
from scenarios.functions.wire import completion, response, sound

OUTPUTS: dict[str, type[StructuredOutput]] = {
    "intent": IntentAnalysis,
    "curriculum": Curriculum,
    "repair": Curriculum,
    "tutorial": Tutorial,
    "resources": Resources,
    "quiz": Quiz,
}
NAMES = (
    *(
        "a",
        "b",
        "c1",
        "c2",
        "c10",
        "-",
        ".",
        "..",
        "/",
        "tcp/ip",
        "a b",
        " a",
        "a ",
        "A",
        "%2F",
        "%00",
        "?",
        "#",
        "null",
    ),
    *(
        "所有权",
        "借用",
        "\u00e9",
        "e\u0301",
        "🎉",
        "\u202e",
        "\u200b",
        "a\nb",
        "a\x00b",
        "\ud800",
        "",
        " ",
        "'; --",
        "{}",
    ),
    *(
        "x" * 80,
        "x" * 81,
        "y" * 200,
        "y" * 201,
        "字" * 80,
        "logs",
        "status",
        "__proto__",
        "\x1b[31m",
        "\x7f",
        "ﬁ",
    ),
)
TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff\ud800",
        "\u202e",
        "\r\n",
        "x" * 300,
        "x" * 301,
        "字" * 4_000,
        "字" * 4_001,
    ),
    *(
        "\\",
        '"',
        "</script>",
        "{{7*7}}",
        "%s%n",
        "$1",
        "所有权",
        "\uffff",
        "\U0010ffff",
        "\x85",
        "\u2028",
        "a" * 40_001,
    ),
)
URLS = (
    *(
        "https://t.example",
        "https://t.example/所有权",
        "https://",
        "https:///x",
        "http://t.example",
        "javascript:1",
    ),
    *(
        "https://a b",
        "https://a\x00",
        "https://a\n",
        "https://[::1",
        "https://a:99999",
        "https://u:p@h",
        "https://\ud800",
    ),
    *("https://" + "x" * 3_000, "https://xn--a", "HTTPS://T.EXAMPLE", "https://a\\b", "https://%"),
)
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=8))
texts = st.one_of(st.text(max_size=20), st.sampled_from(TEXTS))
urls = st.one_of(st.sampled_from(URLS), st.text(max_size=20).map("https://".__add__))
numbers = st.one_of(
    st.integers(-2, 600), st.sampled_from([2**31 - 1, 2**31, 2**63, -(2**63), 10**30, 10_080, 10_081])
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "id": names,
    "prerequisites": st.lists(names, max_size=3),
    "url": urls,
}


def _of_schema(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Any value that a strict schema allows, in all sizes that make a difference."""
    if "$ref" in schema:
        return _of_schema(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            fields = schema["properties"].items()
            return st.fixed_dictionaries(
                {
                    name: FIELDS[name] if name in FIELDS else _of_schema(field, definitions)
                    for name, field in fields
                }
            )
        case "array":
            item = _of_schema(schema["items"], definitions)
            few = st.lists(item, min_size=1, max_size=3)
            many = st.tuples(item, st.sampled_from([4, 13, 51])).map(lambda some: [some[0]] * some[1])
            return st.one_of(*[few] * 7, st.lists(item, max_size=1), many)
        case "integer":
            return numbers
        case "string":
            return texts
    raise AssertionError(schema)


def _allowed(output: type[StructuredOutput]) -> st.SearchStrategy[Any]:
    schema = output.model_json_schema()
    return _of_schema(schema, schema.get("$defs", {}))


@st.composite
def _curricula(draw: st.DrawFn) -> dict[str, Any]:
    """Curricula that are sound or nearly so: names of any kind, each after its prerequisites."""
    chosen = draw(st.lists(names, min_size=1, max_size=4, unique=draw(st.booleans())))
    concepts = [
        {
            "id": name,
            "title": draw(st.one_of(st.just("T"), texts)),
            "summary": "S",
            "prerequisites": draw(
                st.lists(st.sampled_from(chosen[: number + draw(st.integers(0, 1))] or chosen), max_size=2)
            )
            if number
            else [],
            "estimated_minutes": 30,
        }
        for number, name in enumerate(chosen)
    ]
    cut = draw(st.integers(0, len(concepts) - 1))
    modules = [{"title": "M", "concepts": part} for part in (concepts[:cut], concepts[cut:]) if part]
    return {
        "title": draw(st.one_of(st.just("T"), texts)),
        "summary": "S",
        "stages": [{"title": "S", "modules": modules}],
    }


def plain(step: str) -> dict[str, Any]:
    """An ordinary answer to a step."""
    return ANSWERS[OUTPUTS[step].schema_name]


def of_the_form(step: str) -> st.SearchStrategy[bytes]:
    """A 200 whose answer fits the schema."""
    allowed = _allowed(OUTPUTS[step])
    if OUTPUTS[step] is Curriculum:
        allowed = st.one_of(_curricula(), _curricula(), _curricula(), allowed)
    return st.one_of(allowed, st.just(plain(step))).map(sound)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, part in inner for place in _places(part, (*path, step)))]


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
RAW = (
    *(
        "NaN",
        "-Infinity",
        "1e400",
        "-0",
        "9" * 5_000,
        '"\\ud800"',
        '"\\u0000"',
        "[" * 300 + "]" * 300,
        "[" * 50_000,
    ),
    *(
        '{"a":1,"a":2}',
        "",
        "nul",
        "'a'",
        "01",
        "\x01",
        '"\t"',
        "\ufeff",
        "[1,]",
        "//",
        '"' + "x" * 100_000 + '"',
    ),
)
MARK = "\ue000mark\ue000"


@st.composite
def _wrong_in_one_place(draw: st.DrawFn, value: Any) -> str:
    """JSON of this value with one wrong node: replaced by any value or by invalid JSON, left out, or repeated."""
    places = _places(value)
    read = [place for place in places if place[:1] in {("choices",), ("usage",)}]  # of a completion
    path = draw(st.sampled_from(places if not read or draw(st.booleans()) else read))
    replacement = draw(st.one_of(anything.map(json.dumps), st.sampled_from(RAW)))
    if not path:
        return replacement
    whole = deepcopy(value)
    inside = whole
    for step in path[:-1]:
        inside = inside[step]
    last = path[-1]
    change = draw(st.sampled_from(["replaced", "replaced", "replaced", "removed", "twice", "added"]))
    if change == "removed":
        del inside[last]
    elif change == "added" and isinstance(inside, dict):
        inside[draw(names)] = MARK
    elif change == "twice" and isinstance(inside, dict):
        kept = json.dumps(inside.pop(last))
        inside[MARK] = MARK
        key = json.dumps(last)
        return json.dumps(whole).replace(
            f"{json.dumps(MARK)}: {json.dumps(MARK)}", f"{key}: {kept}, {key}: {replacement}"
        )
    else:
        inside[last] = MARK
    return json.dumps(whole).replace(json.dumps(MARK), replacement)


def wrong_json(step: str) -> st.SearchStrategy[bytes]:
    """A 200 with a completion that is wrong in one place, outside or inside the answer."""
    outside = _wrong_in_one_place(completion(json.dumps(plain(step))))
    inside = _wrong_in_one_place(plain(step)).map(completion).map(json.dumps)
    return st.one_of(outside, inside).map(lambda text: response(text.encode(errors="surrogatepass")))


STATUSES = (
    *(
        "100 Continue",
        "101 Switching Protocols",
        "199 X",
        "201 Created",
        "202 X",
        "204 No Content",
        "206 X",
        "299 X",
        "300 X",
    ),
    *(
        "301 X",
        "302 X",
        "303 X",
        "304 X",
        "307 X",
        "308 X",
        "399 X",
        "400 X",
        "401 X",
        "404 X",
        "408 X",
        "418 X",
        "422 X",
    ),
    *(
        "429 X",
        "500 X",
        "502 X",
        "503 X",
        "529 X",
        "599 X",
        "600 X",
        "777 X",
        "999 X",
        "0 X",
        "99 X",
        "1000 X",
        "abc X",
        "",
    ),
)
WAITS = (
    *(
        "0",
        "0.001",
        "-1",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e-400",
        "121",
        "9" * 400,
        "1_0",
        "0x10",
        "soon",
        "",
        "1,1",
    ),
    *("Thu, 01 Jan 0001 00:00:00 +2300", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 01 Jan 2016 00:00:00 GMT"),
    *(
        "Mon, 32 Foo 2026 99:99:99 GMT",
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999",
        "0 0 0 0",
    ),
)
HEADERS = (
    *(
        b"X-Should-Retry: true",
        b"X-Should-Retry: false",
        b"X-Should-Retry: maybe",
        b"X-Request-Id: \xff\xfe",
        b"\xff: x",
    ),
    *(
        b"no colon",
        b": empty",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: odd",
        b"Content-Encoding: gzip",
    ),
    *(
        b"Content-Encoding: br",
        b"Content-Encoding: deflate, gzip",
        b"Content-Encoding: odd",
        b"Content-Length: 3",
    ),
    *(b"Content-Length: -1", b"Content-Length: x", b"X: " + b"y" * 70_000, b"Set-Cookie: a=\x00"),
    *(
        b"Location: /v1/chat/completions",
        b"Location: http://[",
        b"Location: \xff",
        b"Location: http://127.0.0.1:1/",
    ),
    *(b"Location: //", b"Location: ftp://127.0.0.1/", b"Location: http://127.0.0.1:99999/", b"Location: "),
)
TYPES = (
    "application/json",
    "text/html",
    "text/plain; charset=utf-16",
    "application/json; charset=nonsense",
    "",
    "x",
)


@st.composite
def _wire(draw: st.DrawFn, step: str) -> bytes:
    """HTTP that is wrong in some place."""
    body = json.dumps(completion(json.dumps(plain(step)))).encode()
    errors = [{"error": {"code": code, "message": code}} for code in ("insufficient_quota", 7, None, [], {})]
    bodies = st.one_of(
        st.just(body),
        st.sampled_from(
            [b"", b"{}", b"[1]", b"null", b'"text"', b"<html>", b"data: [DONE]\n\n", b"\xef\xbb\xbf" + body]
        ),
        st.sampled_from([json.dumps(error).encode() for error in errors]),
        anything.map(lambda value: json.dumps({"error": value}).encode()),
        st.sampled_from(
            [
                gzip.compress(body),
                zlib.compress(body),
                gzip.compress(body)[:-9],
                gzip.compress(b"x" * 5_000_000),
            ]
        ),
        st.sampled_from(
            [
                body.decode().encode("utf-16"),
                body.replace(b"stop", b"st\xffp"),
                b"1\r\n{\r\nzz\r\n",
                b"[" * 100_000,
            ]
        ),
        st.integers(0, len(body)).map(lambda length: body[:length]),
        st.binary(max_size=50),
    )
    more = draw(st.lists(st.sampled_from(HEADERS), max_size=2))
    for name in (b"Retry-After", b"Retry-After-Ms"):
        if draw(st.booleans()):
            more.append(name + b": " + draw(st.sampled_from(WAITS)).encode())
    whole = response(
        draw(bodies),
        draw(st.one_of(st.just("200 OK"), st.sampled_from(STATUSES))),
        draw(st.one_of(st.just("application/json"), st.sampled_from(TYPES))),
        draw(st.one_of(st.none(), st.none(), st.integers(0, 2_000))),
        b"".join(line + b"\r\n" for line in more),
    )
    cut = draw(st.one_of(st.none(), st.none(), st.integers(0, len(whole))))
    return draw(st.one_of(st.just(whole[:cut]), st.just(whole[:cut]), st.binary(max_size=30)))


def wrong_http(step: str) -> st.SearchStrategy[bytes]:
    """Bytes that are no answer, or an answer with unusual headers."""
    return _wire(step)


def scripts(*kinds: Any) -> st.SearchStrategy[dict[str, Sequence[bytes]]]:
    """For each step the answers to its calls, in turn; the last answer repeats.

    Args:
        kinds: of answers; each is drawn as often as a sound one, so that every step is reached.
    """

    def answers(step: str) -> st.SearchStrategy[list[bytes]]:
        one = st.one_of(st.just(sound(plain(step))), *(kind(step) for kind in kinds))
        return st.lists(one, min_size=1, max_size=3)

    return st.fixed_dictionaries({step: answers(step) for step in OUTPUTS})

"""What is asked over HTTP: keys, methods, and numbers that are none."""

import httpx
import pytest

from harness.tests.providers.openai.conftest import API_KEY

CHAT = "/chat/completions"
HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def api(openai):
    with httpx.Client(base_url=openai.base_url, headers={"Authorization": f"Bearer {API_KEY}"}) as client:
        yield client


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {API_KEY}", 200),
        (f"bearer {API_KEY}", 200),
        (API_KEY, 401),
        (f"Basic {API_KEY}", 401),
        ("Bearer", 401),
        ("", 401),
    ],
)
def test_a_key_is_a_bearers(api, given, status):
    assert api.post(CHAT, json=HI, headers={"Authorization": given}).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *((method, "/models") for method in ("POST", "PUT", "DELETE")),
        *((method, "/models/gpt-4o") for method in ("POST", "PUT", "PATCH")),
        *((method, CHAT) for method in ("PUT", "PATCH", "DELETE")),
        *((method, "/responses") for method in ("GET", "PUT")),
        ("GET", "/embeddings"),
    ],
)
def test_what_a_path_does_not_take_is_refused(api, method, path):
    answer = api.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"Invalid URL ({method} /v1{path})"


def test_who_asks_for_the_head_alone_gets_it(api):
    assert [api.head(path).status_code for path in ("/models", "/models/gpt-4o")] == [200, 200]


@pytest.mark.parametrize("number", ["9" * 5_000, "²", "-1", "x", ""])
def test_a_number_that_is_none_is_no_number(api, number):
    listed = api.get(CHAT, params={"limit": number})
    assert (listed.status_code, listed.json()["object"]) == (200, "list")
    headers = {"x-stainless-retry-count": number, "X-Client-Request-Id": f"r/s/-/{number}"}
    sent = {name: value.encode() for name, value in headers.items()}
    assert api.post(CHAT, json=HI, headers=sent).status_code == 200

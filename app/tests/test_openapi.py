"""The OpenAPI page: an example for everything, and every problem documented."""

import re

import pytest

from app.api.problems import MEDIA_TYPE, Kind


@pytest.fixture
async def document(api):
    return (await api.get("/openapi.json")).json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def has_example(document, schema):
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return bool(schema.get("examples"))


def test_every_body_has_an_example(document):
    bare = []
    for name, operation in operations(document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [r.get("content", {}) for status, r in operation["responses"].items() if status < "300"]
        for content in contents:
            schema = content.get("application/json", {}).get("schema")
            if schema and not has_example(document, schema):
                bare.append(name)
    assert bare == []


def test_every_operation_says_what_it_does(document):
    assert [name for name, operation in operations(document) if not operation.get("description")] == []


def test_every_problem_is_documented_with_an_example(document):
    shown = set()
    for _, operation in operations(document):
        for response in operation["responses"].values():
            for example in response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {}).values():
                shown.add(example["value"]["type"])
    never_by_a_route = {Kind.METHOD_NOT_ALLOWED.uri}
    assert {kind.uri for kind in Kind} - never_by_a_route == shown


def test_no_operation_promises_fastapis_own_error_form(document):
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_operation_has_a_title_for_people(document):
    titles = {name: operation["summary"] for name, operation in operations(document)}
    assert [name for name, title in titles.items() if len(title.split()) < 3] == []
    assert len(set(titles.values())) == len(titles)


async def test_the_page_needs_no_other_server_than_ours(api):
    page = await api.get("/docs")
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(wanted) >= 3
    assert {url: (await api.get(url)).status_code for url in wanted} == dict.fromkeys(wanted, 200)


def test_no_text_of_a_language_header_is_called_wrong(document):
    """The header is only a hint, if nothing else names a language: an unreadable part does not count, and is no error."""
    parameters = document["paths"]["/api/v1/roadmaps"]["post"]["parameters"]
    (schema,) = [one["schema"] for one in parameters if one["name"] == "accept-language"]
    assert schema.keys() <= {"type", "title", "description"}
    assert schema["type"] == "string"

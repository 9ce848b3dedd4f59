"""Chat completions: read a request as strictly as the provider does, and make the answer a step asks for."""

import hashlib
import json
from typing import Any

import msgspec

from harness.fake_openai import author
from harness.fake_openai.script import Asked, Reply
from harness.fake_openai.synthesis import UnsatisfiableError, synthesise

CORRELATION_HEADER = b"x-client-request-id"
BYTES_A_TOKEN = 4
CREATED = 1_767_225_600  # 2026-01-01: no wall clock, so that the same script gives the same bytes


class BadRequestError(Exception):
    """The provider would answer 400. Args: message, and the parameter at fault."""

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class WrongReplyError(Exception):
    """A scripted reply does not fit the schema of the request, and was not said to be wrong."""


class Request:
    """One request, checked.

    Args:
        body: JSON.
        correlation: the X-Client-Request-Id header: `request/step/concept/attempt`.

    Raises:
        BadRequestError: as the provider would find it.
    """

    def __init__(self, body: bytes, correlation: str) -> None:
        try:
            data = msgspec.json.decode(body)
        except msgspec.DecodeError:
            raise BadRequestError("We could not parse the JSON body of your request.") from None
        if not isinstance(data, dict):
            raise BadRequestError("The body must be a JSON object.")
        self.model = _required(data, "model", str)
        self.message = _last_message(_required(data, "messages", list))
        if data.get("stream"):
            raise BadRequestError("This scripted provider does not stream yet.", "stream")
        self.schema_name, self.schema = _schema(data.get("response_format"))
        parts = (correlation.split("/") + [""] * 4)[:4] if correlation.count("/") == 3 else ["", "", "", ""]  # noqa: PLR2004
        self.asked = Asked(
            request=parts[0],
            step=parts[1],
            concept=parts[2] if parts[2] != "-" else "",
            attempt=int(parts[3]) if parts[3].isdigit() else 0,
            schema=self.schema_name,
            model=self.model,
            message=self.message,
        )
        self.prompt_tokens = -(-len(body) // BYTES_A_TOKEN)

    def synthesised(self, seed: int) -> Reply:
        """A believable answer.

        Raises:
            BadRequestError: the schema asks for something nobody can make up.
        """
        if self.schema is None:
            return Reply(content="A short and helpful answer.")
        written = author.write(self.schema_name, self.message, seed)
        if written is not None:
            return Reply(content=written)
        try:
            return Reply(content=synthesise(self.schema))
        except UnsatisfiableError as error:
            raise BadRequestError(f"Invalid schema: {error}", "response_format") from error

    def check(self, reply: Reply) -> None:
        """See that a scripted reply fits the schema.

        Raises:
            WrongReplyError: it does not; names the place.
        """
        if self.schema is None or reply.wrong or reply.refusal is not None:
            return
        import jsonschema  # a seventh of a second that only scripted replies pay

        error = jsonschema.exceptions.best_match(
            jsonschema.Draft202012Validator(self.schema).iter_errors(reply.content)
        )
        if error is not None:
            raise WrongReplyError(f"{error.json_path}: {error.message}")

    def completion(self, reply: Reply, seed: int, number: int) -> dict[str, Any]:
        """The body of a 200."""
        digest = hashlib.blake2b(f"{seed}/{self.asked.key}/{number}".encode(), digest_size=12).hexdigest()
        content = reply.content if isinstance(reply.content, str) else _text(reply.content)
        tokens = -(-len((content or "").encode()) // BYTES_A_TOKEN)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": content,
            "refusal": reply.refusal,
            "annotations": [],
        }
        return {
            "id": f"chatcmpl-{digest}",
            "object": "chat.completion",
            "created": CREATED,
            "model": self.model,
            "choices": [
                {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
            ],
            "usage": {
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": tokens,
                "total_tokens": self.prompt_tokens + tokens,
            },
        }


def _text(content: Any) -> str | None:
    return None if content is None else json.dumps(content, ensure_ascii=False)


def _required(data: dict[str, Any], name: str, kind: type) -> Any:
    if name not in data:
        raise BadRequestError(f"Missing required parameter: '{name}'.", name)
    if not isinstance(data[name], kind) or not data[name]:
        raise BadRequestError(f"Invalid type or empty value for '{name}'.", name)
    return data[name]


def _last_message(messages: list[Any]) -> str:
    last = messages[-1]
    if not isinstance(last, dict) or "role" not in last:
        raise BadRequestError("Invalid 'messages': an object with a role is expected.", "messages")
    content = last.get("content")
    return content if isinstance(content, str) else json.dumps(content)


def _schema(response_format: Any) -> tuple[str, dict[str, Any] | None]:
    if not isinstance(response_format, dict) or response_format.get("type") != "json_schema":
        return "", None
    wanted = response_format.get("json_schema")
    if not isinstance(wanted, dict) or "name" not in wanted or not isinstance(wanted.get("schema"), dict):
        raise BadRequestError("Missing required parameter: 'response_format.json_schema'.", "response_format")
    return wanted["name"], wanted["schema"]

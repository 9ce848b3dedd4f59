"""Rules between the fields of a request for a chat completion."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from harness.providers.openai.strict import model_rules, schema_subset
from harness.providers.openai.strict.rule import Body, Broken, Rule, needs, only_streamed

HI = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "1"}
TOOL = {"type": "function", "function": {"name": "f"}}
STRICT = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
BAD = "invalid_json_schema"


def _tools(name: str) -> str:
    return f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."


def _choice(body: Body) -> Broken | None:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice["type"] not in ("function", "custom"):
        return None
    kind = choice["type"]
    name = choice[kind]["name"]
    if any(tool["type"] == kind and tool[kind]["name"] == name for tool in body.get("tools") or ()):
        return None
    said = f"Invalid value for 'tool_choice': there is no {kind} '{name}' among the 'tools'."
    return Broken("tool_choice", said)


def _orphan(body: Body) -> Broken | None:
    """A tool's answer that no call before it asks for."""
    asked: set[str] | None = None
    answered: dict[str, int] = {}
    for number, message in enumerate(body["messages"]):
        if message["role"] == "assistant":
            asked = {call["id"] for call in message.get("tool_calls") or ()} or None
            answered = {}
        elif message["role"] != "tool":
            asked = None
        elif asked is None:
            said = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            return Broken(f"messages.[{number}].role", f"Invalid parameter: {said}")
        elif message["tool_call_id"] not in asked:
            said = f"'tool_call_id' of '{message['tool_call_id']}' not found in 'tool_calls' of previous message."
            return Broken(f"messages.[{number}].tool_call_id", f"Invalid parameter: {said}")
        elif (before := answered.setdefault(message["tool_call_id"], number)) != number:
            said = f"Duplicate value for 'tool_call_id' of '{message['tool_call_id']}', in messages[{before}] and messages[{number}]."
            return Broken(f"messages.[{number}].tool_call_id", f"Invalid parameter: {said}")
    return None


def _unanswered(body: Body) -> Broken | None:
    """Calls that no tool's message follows."""
    messages = body["messages"]
    for number, message in enumerate(messages):
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
        for answer in messages[number + 1 :]:
            if answer["role"] != "tool":
                break
            open_calls = [each for each in open_calls if each != answer["tool_call_id"]]
        if open_calls:
            said = (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(open_calls)}"
            )
            return Broken("messages", said)
    return None


def _empty_assistant(body: Body) -> Broken | None:
    for number, message in enumerate(body["messages"]):
        said = ("content", "tool_calls", "function_call", "refusal", "audio")
        if message["role"] == "assistant" and all(message.get(name) is None for name in said):
            return Broken(
                f"messages.[{number}].content", "Invalid value for 'content': expected a string, got null."
            )
    return None


def _both_limits(body: Body) -> Broken | None:
    if body.get("max_tokens") is None or body.get("max_completion_tokens") is None:
        return None
    said = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    return Broken("max_tokens", said)


def _word(body: Body) -> Broken | None:
    wanted = body.get("response_format")
    if wanted is None or wanted["type"] != "json_object" or any("json" in t.lower() for t in _texts(body)):
        return None
    said = "must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    return Broken("messages", f"'messages' {said}")


def _texts(body: Body) -> Iterator[str]:
    for message in body["messages"]:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            yield str(part.get("text", ""))


def _audio(body: Body) -> Broken | None:
    if "audio" not in (body.get("modalities") or ()) or body.get("audio") is not None:
        return None
    return Broken("audio", "Missing required parameter: 'audio', as 'modalities' has 'audio'.")


def _answer_schema(body: Body) -> Broken | None:
    wanted = body.get("response_format")
    if wanted is None or wanted["type"] != "json_schema":
        return None
    problem = unanswerable(wanted["json_schema"])
    name = wanted["json_schema"]["name"]
    return (
        Broken("response_format", f"Invalid schema for response_format '{name}': {problem}")
        if problem
        else None
    )


def _tool_schema(body: Body) -> Broken | None:
    for number, tool in enumerate(body.get("tools") or ()):
        function = tool.get("function") or {}
        if not function.get("strict"):
            continue
        problem = loose(msgspec.json.encode(function.get("parameters", STRICT)))
        if problem:
            said = f"Invalid schema for function '{function['name']}': {problem}"
            return Broken(f"tools[{number}].function.parameters", said)
    return None


def _tool_parameters(body: Body) -> Broken | None:
    for number, tool in enumerate(body.get("tools") or ()):
        function = tool.get("function") or {}
        if problem := unusable(function.get("parameters")):
            said = f"Invalid schema for function '{function['name']}': {problem}"
            return Broken(f"tools[{number}].function.parameters", said)
    return None


def unusable(parameters: Mapping[str, Any] | None) -> str:
    """What keeps them from being those of a function; '' where nothing does, or there are none."""
    return _unusable(msgspec.json.encode(parameters)) if parameters else ""


@lru_cache(maxsize=1024)
def _unusable(schema: bytes) -> str:
    return schema_subset.unusable(msgspec.json.decode(schema))


def unanswerable(described: Mapping[str, Any]) -> str:
    """What keeps a schema from being that of an answer; a strict one is of the subset, any other of JSON Schema at least."""
    look = loose if described.get("strict") else _malformed
    return look(msgspec.json.encode(described.get("schema", {})))


@lru_cache(maxsize=1024)
def _malformed(schema: bytes) -> str:
    return schema_subset.malformed(msgspec.json.decode(schema))


@lru_cache(maxsize=1024)
def loose(schema: bytes) -> str:
    """What keeps a schema from being strict; looked at once, for clients send the same one again and again."""
    return schema_subset.problem(msgspec.json.decode(schema))


def _function(body: Body) -> Broken | None:
    choice = body.get("function_call")
    if not isinstance(choice, dict) or any(each["name"] == choice["name"] for each in body["functions"]):
        return None
    said = f"no function named '{choice['name']}' was specified in the 'functions' parameter."
    return Broken("function_call", f"Invalid value for 'function_call': {said}")


RULES = (
    only_streamed({"include_usage": True}),
    Rule(
        "`tool_choice` only with `tools`",
        None,
        needs("tool_choice", "tools", _tools("tool_choice")),
        {"tool_choice": "auto"},
        "tool_choice",
        {"tool_choice": "auto", "tools": [TOOL]},
    ),
    Rule(
        "`parallel_tool_calls` only with `tools`",
        None,
        needs("parallel_tool_calls", "tools", _tools("parallel_tool_calls")),
        {"parallel_tool_calls": True},
        "parallel_tool_calls",
        {"parallel_tool_calls": True, "tools": [TOOL]},
    ),
    Rule(
        "`function_call` only with `functions`",
        None,
        needs(
            "function_call",
            "functions",
            "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
        ),
        {"function_call": "auto"},
        "function_call",
        {"function_call": "auto", "functions": [{"name": "f"}]},
    ),
    Rule(
        "a `function_call` by name is one of the `functions`",
        None,
        _function,
        {"function_call": {"name": "g"}, "functions": [{"name": "f"}]},
        "function_call",
        {"function_call": {"name": "f"}, "functions": [{"name": "f"}]},
    ),
    Rule(
        "a `tool_choice` by name is one of the `tools`",
        "invalid_value",
        _choice,
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "tool_choice",
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}},
    ),
    Rule(
        "a message of the role `tool` answers a call of the assistant's message before it, and each call once",
        None,
        _orphan,
        {"messages": [HI, ANSWER]},
        "messages.[1].role",
        {"messages": [HI, CALLS, ANSWER]},
    ),
    Rule(
        "every call of an assistant's message is answered by the messages after it",
        None,
        _unanswered,
        {"messages": [HI, CALLS, HI]},
        "messages",
        {"messages": [HI, CALLS, ANSWER, HI]},
    ),
    Rule(
        "an assistant's message has `content`, or calls a tool or a function",
        None,
        _empty_assistant,
        {"messages": [HI, {"role": "assistant"}]},
        "messages.[1].content",
        {"messages": [HI, {"role": "assistant", "content": "hello"}]},
    ),
    Rule(
        "`top_logprobs` only with `logprobs`",
        None,
        needs(
            "top_logprobs",
            "logprobs",
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
        ),
        {"top_logprobs": 2},
        "top_logprobs",
        {"top_logprobs": 2, "logprobs": True},
    ),
    Rule(
        "`metadata` only with `store`",
        None,
        needs("metadata", "store", "The 'metadata' parameter is only allowed when 'store' is enabled."),
        {"metadata": {"a": "b"}},
        "metadata",
        {"metadata": {"a": "b"}, "store": True},
    ),
    Rule(
        "`max_tokens` or `max_completion_tokens`, not both",
        "invalid_parameter_combination",
        _both_limits,
        {"max_tokens": 5, "max_completion_tokens": 5},
        "max_tokens",
        {"max_completion_tokens": 5},
    ),
    Rule(
        "a `json_object` needs the word JSON in a message",
        None,
        _word,
        {"response_format": {"type": "json_object"}},
        "messages",
        {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "as JSON"}]},
    ),
    Rule(
        "`audio` says how, where `modalities` has it",
        "missing_required_parameter",
        _audio,
        {"modalities": ["text", "audio"]},
        "audio",
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    ),
    Rule(
        "the schema of `response_format` is JSON Schema, and a strict one of the documented subset",
        BAD,
        _answer_schema,
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "a", "strict": True, "schema": {**STRICT, "oneOf": []}},
            }
        },
        "response_format",
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "a", "strict": True, "schema": STRICT},
            }
        },
    ),
    Rule(
        "the `parameters` of a function are the schema of an object, whose arrays have items",
        "invalid_function_parameters",
        _tool_parameters,
        {
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "f",
                        "parameters": {"type": "object", "properties": {"a": {"type": "array"}}},
                    },
                }
            ]
        },
        "tools[0].function.parameters",
        {
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "f",
                        "parameters": {
                            "type": "object",
                            "properties": {"a": {"type": "array", "items": {}}},
                        },
                    },
                }
            ]
        },
    ),
    Rule(
        "the `parameters` of a strict function are of the same subset",
        "invalid_function_parameters",
        _tool_schema,
        {
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "f", "strict": True, "parameters": {"type": "array"}},
                }
            ]
        },
        "tools[0].function.parameters",
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True, "parameters": STRICT}}]},
    ),
    *model_rules.RULES,
)

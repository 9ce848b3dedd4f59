"""Rules between the fields of a request for a response."""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.providers.openai.strict.chat_rules import (
    BAD,
    STRICT,
    loose,
    unanswerable,
    unusable,
)
from harness.providers.openai.strict.model_rules import unsupported, unsupported_value
from harness.providers.openai.strict.models import family_of
from harness.providers.openai.strict.rule import Body, Broken, Rule, only_streamed

HI = {"role": "user", "content": "hi"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
TOOL = {"type": "function", "name": "f", "parameters": STRICT, "strict": True}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
NO_CALL = "No tool call found for function call output with call_id {}."
NO_OUTPUT = "No tool output found for function call {}."
TWICE = "Duplicate item found with id {}. Remove duplicate items from your input and try again."
# Names of models.Family -> what they are called here.
CALLED = {"reasoning_effort": "reasoning.effort", "verbosity": "text.verbosity"}
SOURCES = ("input", "prompt", "previous_response_id", "conversation")


def _nothing_asked(body: Body) -> Broken | None:
    if any(body.get(name) is not None for name in SOURCES):
        return None
    return Broken("input", f"One of {', '.join(repr(name) for name in SOURCES)} must be provided.")


def _no_model(body: Body) -> Broken | None:
    if body.get("model") or body.get("prompt") is not None:
        return None
    return Broken("model", "Missing required parameter: 'model'.")


def _two_histories(body: Body) -> Broken | None:
    if body.get("previous_response_id") is None or body.get("conversation") is None:
        return None
    said = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them."
    return Broken("previous_response_id", said)


def _items(body: Body) -> list[dict[str, Any]]:
    found = body.get("input")
    return found if isinstance(found, list) else []


def _orphan(body: Body) -> Broken | None:
    """An output of a function that nobody has called; what only the account knows of earlier calls, it looks at by itself."""
    if body.get("previous_response_id") is not None or body.get("conversation") is not None:
        return None
    if any(item.get("type") == "item_reference" for item in _items(body)):
        return None
    called: set[Any] = set()
    for item in _items(body):
        if item.get("type", "").endswith("_call"):  # of a function, or of another tool that the client serves
            called.add(item.get("call_id"))
        elif item.get("type") == "function_call_output" and item["call_id"] not in called:
            return Broken("input", NO_CALL.format(item["call_id"]))
    return None


def _unanswered(body: Body) -> Broken | None:
    answered = {item.get("call_id") for item in _items(body) if item.get("type") == "function_call_output"}
    for item in _items(body):
        if item.get("type") == "function_call" and item["call_id"] not in answered:
            return Broken("input", NO_OUTPUT.format(item["call_id"]))
    return None


def _twice(body: Body) -> Broken | None:
    """An output may have the id of its call."""
    seen: set[tuple[str, str]] = set()
    for item in _items(body):
        named = (item.get("type") or "message", item.get("id") or "")
        if named[1] and named in seen:
            return Broken("input", TWICE.format(named[1]))
        seen.add(named)
    return None


def _words_of_others(body: Body) -> Broken | None:
    """What an assistant has said is no input."""
    for number, item in enumerate(_items(body)):
        content = item.get("content")
        if item.get("role") != "assistant" or not isinstance(content, list):
            continue
        for at, part in enumerate(content):
            if part["type"] not in ("output_text", "refusal"):
                said = f"Invalid value: '{part['type']}'. Supported values are: 'output_text' and 'refusal'."
                return Broken(f"input[{number}].content[{at}]", said)
    return None


def _alone(body: Body) -> Broken | None:
    """A thought that is sent back without what came of it: what follows has to be the model's, and as the model has given it."""
    items = _items(body)
    for number, item in enumerate(items):
        if item.get("type") != "reasoning":
            continue
        after = items[number + 1] if number + 1 < len(items) else {}
        if (
            after.get("type") in {None, "function_call_output"}
            or after.get("role", "assistant") != "assistant"
        ):
            said = (
                f"Item '{item['id']}' of type 'reasoning' was provided without its required following item."
            )
            return Broken("input", said)
    return None


def _format(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = (body.get("text") or {}).get("format") or {"type": "text"}
    return found


def _word(body: Body) -> Broken | None:
    if _format(body)["type"] != "json_object" or any("json" in text.lower() for text in texts(body)):
        return None
    said = "must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
    return Broken("input", f"Response input messages {said}")


def texts(body: Body) -> Iterator[str]:
    """What a request says in words, its instructions first."""
    yield body.get("instructions") or ""
    if isinstance(body.get("input"), str):
        yield body["input"]
    for item in _items(body):
        content = item.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            yield str(part.get("text", "")) if isinstance(part, dict) else ""


def _answer_schema(body: Body) -> Broken | None:
    wanted = _format(body)
    if wanted["type"] != "json_schema":
        return None
    problem = unanswerable(wanted)
    said = f"Invalid schema for response_format '{wanted['name']}': {problem}"
    return Broken("text.format.schema", said) if problem else None


def _tool_schema(body: Body) -> Broken | None:
    for number, tool in enumerate(body.get("tools") or ()):
        if tool["type"] != "function" or not tool.get("strict"):
            continue
        problem = loose(msgspec.json.encode(tool.get("parameters") or STRICT))
        if problem:
            said = f"Invalid schema for function '{tool['name']}': {problem}"
            return Broken(f"tools[{number}].parameters", said)
    return None


def _tool_parameters(body: Body) -> Broken | None:
    for number, tool in enumerate(body.get("tools") or ()):
        if tool["type"] != "function":
            continue
        if problem := unusable(tool.get("parameters")):
            return Broken(
                f"tools[{number}].parameters", f"Invalid schema for function '{tool['name']}': {problem}"
            )
    return None


def _choice(body: Body) -> Broken | None:
    choice = body.get("tool_choice")
    if choice == "required" and not body.get("tools"):
        return Broken("tool_choice", "Tool choice 'required' must be specified with 'tools' parameter.")
    if not isinstance(choice, dict) or choice["type"] not in ("function", "custom"):
        return None
    named = (choice["type"], choice["name"])
    if any((tool["type"], tool.get("name")) == named for tool in body.get("tools") or ()):
        return None
    return Broken("tool_choice", f"Tool choice '{choice['type']}' not found in 'tools' parameter.")


def _encrypted(body: Body) -> Broken | None:
    family = family_of(body.get("model") or "")
    if family is None or "reasoning_effort" not in family.unsupported:
        return None
    if "reasoning.encrypted_content" not in (body.get("include") or ()):
        return None
    return Broken("include", "Encrypted content is not supported with this model.")


def _values(body: Body) -> Body:
    """Under the names that families of models have for them."""
    effort = (body.get("reasoning") or {}).get("effort")
    same = {name: body.get(name) for name in ("temperature", "top_p", "top_logprobs")}
    return {**same, "reasoning_effort": effort, "verbosity": (body.get("text") or {}).get("verbosity")}


RULES = (
    Rule(
        "a `model`, or a `prompt` that has one",
        "missing_required_parameter",
        _no_model,
        {"model": None},
        "model",
        {"model": None, "prompt": {"id": "pmpt_1"}},
    ),
    Rule(
        "an `input`, or what comes before it",
        "missing_required_parameter",
        _nothing_asked,
        {"input": None},
        "input",
        {"input": None, "previous_response_id": "resp_1"},
    ),
    Rule(
        "`previous_response_id` or `conversation`, not both",
        "mutually_exclusive_parameters",
        _two_histories,
        {"previous_response_id": "resp_1", "conversation": "conv_1"},
        "previous_response_id",
        {"conversation": "conv_1"},
    ),
    only_streamed({"include_obfuscation": False}),
    Rule(
        "a `tool_choice` by name is one of the `tools`, and `required` needs some",
        None,
        _choice,
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "g"}},
        "tool_choice",
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "f"}},
    ),
    Rule(
        "the output of a function answers a call before it",
        None,
        _orphan,
        {"input": [OUTPUT]},
        "input",
        {"input": [CALL, OUTPUT]},
    ),
    Rule(
        "every call of a function has its output",
        None,
        _unanswered,
        {"input": [CALL]},
        "input",
        {"input": [CALL, OUTPUT]},
    ),
    Rule("no item twice", None, _twice, {"input": [THOUGHT, THOUGHT]}, "input", {"input": [HI, HI]}),
    Rule(
        "a message of the assistant has what it has said",
        "invalid_value",
        _words_of_others,
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "ho"}]}]},
        "input[0].content[0]",
        {"input": [{"role": "assistant", "content": [{"type": "output_text", "text": "ho"}]}]},
    ),
    Rule(
        "what the model thought is followed by what came of it, as the model has given it",
        None,
        _alone,
        {"input": [{"role": "user", "content": "hi"}, THOUGHT, {"role": "assistant", "content": "ho"}]},
        "input",
        {
            "input": [
                {"role": "user", "content": "hi"},
                THOUGHT,
                {
                    "type": "message",
                    "role": "assistant",
                    "id": "msg_1",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": "ho", "annotations": []}],
                },
            ]
        },
    ),
    Rule(
        "a `json_object` needs the word JSON in the input",
        None,
        _word,
        {"text": {"format": {"type": "json_object"}}},
        "input",
        {"text": {"format": {"type": "json_object"}}, "input": "as JSON"},
    ),
    Rule(
        "the schema of `text.format` is JSON Schema, and a strict one of the documented subset",
        BAD,
        _answer_schema,
        {
            "text": {
                "format": {"type": "json_schema", "name": "a", "strict": True, "schema": {"type": "array"}}
            }
        },
        "text.format.schema",
        {"text": {"format": {"type": "json_schema", "name": "a", "strict": True, "schema": STRICT}}},
    ),
    Rule(
        "the `parameters` of a function are the schema of an object, whose arrays have items",
        "invalid_function_parameters",
        _tool_parameters,
        {"tools": [{**TOOL, "strict": False, "parameters": {"type": "string"}}]},
        "tools[0].parameters",
        {"tools": [{**TOOL, "strict": False, "parameters": {"type": "object", "properties": {}}}]},
    ),
    Rule(
        "the `parameters` of a strict function are of the same subset",
        "invalid_function_parameters",
        _tool_schema,
        {"tools": [{**TOOL, "parameters": {"type": "object", "properties": {}}}]},
        "tools[0].parameters",
        {"tools": [TOOL]},
    ),
    Rule(
        "`reasoning.encrypted_content` only with a model that reasons",
        None,
        _encrypted,
        {"include": ["reasoning.encrypted_content"]},
        "include",
        {"include": ["reasoning.encrypted_content"], "model": "gpt-5"},
    ),
    Rule(
        "no parameter that the model's family does not take",
        "unsupported_parameter",
        unsupported(_values, only_default=False, called=CALLED),
        {"model": "o3", "temperature": 0.2},
        "temperature",
        {"model": "gpt-4o", "temperature": 0.2},
    ),
    Rule(
        "nothing but the default, where the family leaves no choice",
        "unsupported_value",
        unsupported(_values, only_default=True, called=CALLED),
        {"model": "gpt-5", "temperature": 0.2},
        "temperature",
        {"model": "gpt-5", "temperature": 1},
    ),
    Rule(
        "no value that the family does not know",
        "unsupported_value",
        unsupported_value(_values, "'{value}' is not supported with the '{model}' model.", called=CALLED),
        {"model": "o3", "reasoning": {"effort": "minimal"}},
        "reasoning.effort",
        {"model": "o3", "reasoning": {"effort": "low"}},
    ),
)

"""Additions to the schemas before they are used: limits that the description gives only in words, and newer features."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

CHAT, RESPONSE, EMBEDDING = "CreateChatCompletionRequest", "CreateResponse", "CreateEmbeddingRequest"
NAME = {"pattern": "^[a-zA-Z0-9_-]+$", "maxLength": 64}
SPEAKER = {"pattern": r"^[^\s<|\\/>]+$"}
ANY: dict[str, Any] = {}
# Where -> limits that the description has only in its texts, or its guides. `[]` are the items, `{}` the values of a map.
IN_WORDS: dict[str, dict[str, Any]] = {
    f"{CHAT}.tools": {"minItems": 1, "maxItems": 128},
    f"{CHAT}.max_tokens": {"minimum": 1},
    f"{CHAT}.max_completion_tokens": {"minimum": 1},
    f"{CHAT}.logit_bias.{{}}": {"minimum": -100, "maximum": 100},
    "Metadata": {"maxProperties": 16, "propertyNames": {"maxLength": 64}},
    "Metadata.{}": {"maxLength": 512},
    "FunctionObject.name": NAME,
    "ChatCompletionFunctions.name": NAME,
    "CustomToolChatCompletions.custom.name": NAME,
    "FunctionTool.name": {**NAME, "maxLength": 128},
    "ResponseFormatJsonSchema.json_schema": {"required": ["name", "schema"]},
    "ResponseFormatJsonSchema.json_schema.name": NAME,
    "TextResponseFormatJsonSchema.name": NAME,
    "ChatCompletionMessageToolCalls": {"minItems": 1, "maxItems": 128},
    "ChatCompletionRequestDeveloperMessage.name": SPEAKER,
    "ChatCompletionRequestSystemMessage.name": SPEAKER,
    "ChatCompletionRequestUserMessage.name": SPEAKER,
    "ChatCompletionRequestAssistantMessage.name": SPEAKER,
    # Recorded calls leave these out, and so do the guides.
    "FunctionTool": {"required": ["type", "name"]},
    "OutputTextContent": {"required": ["type", "text"]},
    "ImageGenToolCall": {"required": ["type", "id"]},
    "FunctionToolCall.status": {"nullable": True},
}
# Schema -> parameters that may be null, as recorded exchanges have them.
NULLABLE = {CHAT: ("response_format",), EMBEDDING: ("encoding_format",)}
# What follows is in the types of the official SDK, and not yet in the description; nothing is known of its limits.
CACHED = {"prompt_cache_breakpoint": ANY}
CALLED = {"caller": ANY, "async": ANY}
SINCE: dict[str, dict[str, Any]] = {
    CHAT: {"moderation": ANY, "prompt_cache_options": ANY},
    RESPONSE: {
        **dict.fromkeys(("access_programs", "background_options", "image", "moderation"), ANY),
        "prompt_cache_options": ANY,
    },
    # As the SDK sends a message back that it was given.
    "ChatCompletionRequestAssistantMessage": {"annotations": ANY},
    "ChatCompletionRequestToolMessage": {"name": ANY},  # as recorded exchanges have it
    "ChatCompletionRequestMessageContentPartText": CACHED,
    "ChatCompletionRequestMessageContentPartImage": CACHED,
    "ChatCompletionRequestMessageContentPartAudio": CACHED,
    "ChatCompletionRequestMessageContentPartFile": CACHED,
    "InputTextContent": CACHED,
    "InputImageContent": CACHED,
    "InputFileContent": CACHED,
    "InputTextContentParam": CACHED,
    "InputImageContentParamAutoParam": CACHED,
    "InputFileContentParam": CACHED,
    "Reasoning": {"context": ANY, "mode": ANY},
    "FunctionTool": {"allowed_callers": ANY, "async": ANY, "output_schema": ANY},
    "FunctionToolParam": {"allowed_callers": ANY, "async": ANY, "output_schema": ANY},
    "FunctionToolCall": CALLED,
    "FunctionCallOutputItemParam": {"caller": ANY, "name": ANY, "namespace": ANY},
    "MCPToolCall": {"error": ANY},
}
# Where -> values, likewise.
VALUES_SINCE: dict[str, tuple[str, ...]] = {
    "ReasoningEffort": ("max",),
    "ServiceTier": ("fast", "ultrafast"),
    "ChatCompletionRequestMessageContentPartImage.image_url.detail": ("original",),
    "ImageGenTool.output_format": ("gif", "svg"),
    "ImageGenTool.quality": ("max", "xhigh"),
    "WebSearchToolCall.status": ("incomplete",),
}
# Union -> kinds of items and tools, likewise.
KINDS_SINCE: dict[str, tuple[str, ...]] = {
    "InputItem": ("additional_tools", "configuration_update", "program", "program_output"),
    "Tool": ("programmatic_tool_calling",),
    "ToolChoiceParam": ("programmatic_tool_calling",),
}
# The model's output, as public clients send it back: without its id and status.
SAID = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["message"]},
        "role": {"type": "string", "enum": ["assistant"]},
        "id": {"type": "string"},
        "status": {"type": "string", "enum": ["in_progress", "completed", "incomplete"]},
        "phase": ANY,
        "content": {"type": "array", "items": {"$ref": "#/components/schemas/OutputMessageContent"}},
    },
    "required": ["role", "content"],
}
# Tools of the provider's own and their calls, which grow from month to month: they may have more than the description knows.
OPEN = (
    *("ApplyPatchToolCallItemParam", "ApplyPatchToolCallOutputItemParam", "ApplyPatchToolParam"),
    *("CodeInterpreterTool", "CompactionTriggerItemParam", "CustomToolCall", "CustomToolCallOutput"),
    *("CustomToolParam", "FileSearchTool", "FunctionShellCallItemParam", "FunctionShellCallOutputItemParam"),
    *("FunctionShellToolParam", "ImageGenTool", "ImageGenToolCall", "MCPTool", "WebSearchTool"),
    *("InputFileContentParam", "WebSearchPreviewTool"),
)


def overlaid(schemas: dict[str, Any]) -> dict[str, Any]:
    """The schemas with all of that, as far as they are among them; they are changed."""
    for node, limits in _placed(schemas, IN_WORDS):
        node.update(limits)
    for node, parameters in _placed(schemas, SINCE):
        node.setdefault("properties", {}).update(parameters)
    for node, values in _placed(schemas, VALUES_SINCE):
        node["enum"] = [*node["enum"], *values]
    for name in KINDS_SINCE.keys() & schemas.keys():
        kind = {"type": "string", "enum": list(KINDS_SINCE[name])}
        known = {"type": "object", "properties": {"type": kind}, "required": ["type"]}
        schemas[name]["oneOf"].append({**known, "additionalProperties": True})
    for name in NULLABLE.keys() & schemas.keys():
        for node in _unions(schemas[name], schemas):
            for parameter in {*NULLABLE[name]} & node.get("properties", {}).keys():
                node["properties"][parameter] = {"anyOf": [node["properties"][parameter], {"type": "null"}]}
    if "InputItem" in schemas:
        schemas["InputItem"]["oneOf"].append(SAID)
    for name in {*OPEN} & schemas.keys():
        schemas[name]["additionalProperties"] = True
    return schemas


def _placed(schemas: Mapping[str, Any], laid: Mapping[str, T]) -> Iterator[tuple[dict[str, Any], T]]:
    """Each schema at a place, with what is laid over it."""
    for where, what in laid.items():
        for node in _nodes(schemas, where):
            yield node, what


def _nodes(schemas: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The schemas at a place, null left out; none where the whole is not there."""
    name, *path = where.split(".")
    found = _unions(schemas[name], schemas) if name in schemas else []
    for part in path:
        found = [
            node for each in found for child in _children(each, part) for node in _unions(child, schemas)
        ]
    # Of a combined schema only one part may get the additions, or each of them would count them.
    return found[-1:] if not path else found


def _children(node: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    if part == "{}":
        return [node["additionalProperties"]] if isinstance(node.get("additionalProperties"), dict) else []
    if part == "[]":
        return [node["items"]] if "items" in node else []
    return [node["properties"][part]] if part in node.get("properties", {}) else []


def _unions(node: dict[str, Any], schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in node:
            return [found for each in node[keyword] for found in _unions(each, schemas)]
    return [] if node.get("type") == "null" or "$ref" in node else [node]

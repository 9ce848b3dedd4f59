"""The body of a response, and the same as events.

It is written once for a request and a reply, and cached; each call inserts its own id.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from harness.providers.exchange import encode
from harness.providers.openai.body import BYTES_A_TOKEN
from harness.providers.openai.completions import CHUNK_CHARACTERS, CREATED
from harness.providers.openai.responses.body import ResponseBody
from harness.providers.openai.steps import Reply, Usage

Item = dict[str, Any]
REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


class WrittenResponse:
    """An answer as it is sent, without its id.

    Args:
        body: of the request.
        reply: what it says.
    """

    __slots__ = ("_body", "_items", "_mark", "_reason", "_sent", "chunks", "usage")

    def __init__(self, body: ResponseBody, reply: Reply) -> None:
        self._body = body
        content = reply.content
        text = (
            content
            if content is None or isinstance(content, str)
            else json.dumps(content, ensure_ascii=False)
        )
        finish = reply.finish_reason
        most = body.most_tokens * BYTES_A_TOKEN
        if most and text is not None and len(encoded := text.encode()) > most:
            text, finish = encoded[:most].decode(errors="ignore"), "length"
        self._reason = REASONS.get(finish or "")
        # Placeholder for the id: it is a digest of everything else, so it occurs nowhere else.
        self._mark = hashlib.blake2b(
            f"{body.key}/{text}/{reply.refusal}".encode(errors="replace"), digest_size=12
        ).hexdigest()
        self._items = self._output(text, reply)
        written = len((text or reply.refusal or "").encode()) + sum(
            len(json.dumps(t.arguments)) for t in reply.tools
        )
        self.usage = reply.usage or Usage(body.prompt_tokens, -(-written // BYTES_A_TOKEN))
        # Number of chunks that a stream of it would have.
        self.chunks = 1 + len(text or "") // CHUNK_CHARACTERS
        sent = [_event(event) for event in self._events()] if body.streams else [encode(self._whole())]
        # The parts between the places of the id.
        self._sent = [each.split(self._mark.encode()) for each in sent]

    def document(self, ident: str) -> bytes:
        """The body of a 200."""
        return ident.encode().join(self._sent[0])

    def events(self, ident: str) -> list[bytes]:
        """The same as server-sent events, from `response.created` to `response.completed`."""
        return [*map(ident.encode().join, self._sent)]

    def stored(self, ident: str) -> dict[str, Any]:
        """The whole of it, as it is kept."""
        found: dict[str, Any] = json.loads(encode(self._whole()).replace(self._mark.encode(), ident.encode()))
        return found

    def input(self, ident: str) -> list[Item]:
        """The request, as items of a response."""
        given = self._body.request.input
        if not isinstance(given, list):
            given = [{"role": "user", "content": given or ""}]
        return [_asked(f"msg_{ident}{number}", item) for number, item in enumerate(given)]

    def _output(self, text: str | None, reply: Reply) -> list[Item]:
        status = "incomplete" if self._reason else "completed"
        items: list[Item] = [
            {
                "id": f"fc_{self._mark}{number}",
                "type": "function_call",
                "status": status,
                "call_id": f"call_{hashlib.blake2b(f'{number}/{tool}'.encode(), digest_size=12).hexdigest()}",
                "name": tool.name,
                "arguments": json.dumps(tool.arguments, ensure_ascii=False),
            }
            for number, tool in enumerate(reply.tools)
        ]
        if reply.refusal is not None:
            part: Item = {"type": "refusal", "refusal": reply.refusal}
        elif text is None:
            return items
        else:
            part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        message = {
            "id": f"msg_{self._mark}",
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [part],
        }
        return [message, *items]

    def _whole(self, status: str = "", output: list[Item] | None = None) -> dict[str, Any]:
        """The response; with a status, in its unfinished form."""
        said = self._body.request
        done = not status
        reasoning = said.reasoning or {}
        wanted = said.text.format if said.text else None
        shown = {
            "id": f"resp_{self._mark}",
            "object": "response",
            "created_at": CREATED,
            "status": status or ("incomplete" if self._reason else "completed"),
            "background": False,
            "error": None,
            "incomplete_details": {"reason": self._reason} if done and self._reason else None,
            "instructions": said.instructions,
            "max_output_tokens": said.max_output_tokens,
            "max_tool_calls": None,
            "model": said.model,
            "output": self._items if output is None else output,
            "parallel_tool_calls": said.parallel_tool_calls is not False,
            "previous_response_id": said.previous_response_id,
            "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
            "service_tier": "default",
            "store": self._body.store,
            "temperature": 1.0 if said.temperature is None else said.temperature,
            "text": {
                "format": wanted or {"type": "text"},
                "verbosity": (said.text and said.text.verbosity) or "medium",
            },
            "tool_choice": said.tool_choice or "auto",
            "tools": [
                {"strict": True, "parameters": None, **t} if t["type"] == "function" else t
                for t in said.tools or ()
            ],
            "top_logprobs": 0,
            "top_p": 1.0 if said.top_p is None else said.top_p,
            "truncation": said.truncation or "disabled",
            "metadata": said.metadata or {},
        }
        if done:
            shown["usage"] = self._usage()
        return {**shown, "completed_at": CREATED} if shown["status"] == "completed" else shown

    def _usage(self) -> dict[str, Any]:
        asked, answered = self.usage.prompt_tokens, self.usage.completion_tokens
        return {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": answered,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + answered,
        }

    def _events(self) -> list[dict[str, Any]]:
        """The events in order, each with its number."""
        before = self._whole("in_progress", [])
        last = "response.incomplete" if self._reason else "response.completed"
        events = [
            {"type": "response.created", "response": before},
            {"type": "response.in_progress", "response": before},
            *(event for number, item in enumerate(self._items) for event in _of_item(number, item)),
            {"type": last, "response": self._whole()},
        ]
        return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _asked(ident: str, item: Item) -> Item:
    if "role" not in item:
        return {"id": ident, "status": "completed", **item}
    content = item.get("content")
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    return {"id": ident, "type": "message", "status": "completed", **item, "content": parts}


def _of_item(number: int, item: Item) -> Iterator[dict[str, Any]]:
    """The events of one item of the output."""
    at = {"output_index": number}
    place = {**at, "item_id": item["id"]}
    calls = item["type"] == "function_call"
    empty: Item = {"arguments": ""} if calls else {"content": []}
    begun = item | {"status": "in_progress"} | empty
    yield {"type": "response.output_item.added", **at, "item": begun}
    if calls:
        for piece in _pieces(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
        done = {"arguments": item["arguments"], "name": item["name"]}
        yield {"type": "response.function_call_arguments.done", **place, **done}
    else:
        yield from _of_part({**place, "content_index": 0}, item["content"][0])
    yield {"type": "response.output_item.done", **at, "item": item}


def _of_part(place: dict[str, Any], part: Item) -> Iterator[dict[str, Any]]:
    """The events of a message's or a refusal's text."""
    kind = part["type"]
    name = "text" if kind == "output_text" else "refusal"
    more: dict[str, Any] = {"logprobs": []} if name == "text" else {}
    yield {"type": "response.content_part.added", **place, "part": {**part, name: ""}}
    for piece in _pieces(part[name]):
        yield {"type": f"response.{kind}.delta", **place, "delta": piece, **more}
    yield {"type": f"response.{kind}.done", **place, name: part[name], **more}
    yield {"type": "response.content_part.done", **place, "part": part}


def _event(event: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encode(event))


def _pieces(text: str) -> list[str]:
    return [text[at : at + CHUNK_CHARACTERS] for at in range(0, len(text), CHUNK_CHARACTERS)]

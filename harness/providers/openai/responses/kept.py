"""The stored responses (nearly all are stored): they can be shown, listed by item, cancelled, deleted."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from harness.providers.errors import RefusedError
from harness.providers.openai.body import BYTES_A_TOKEN
from harness.providers.openai.completions import CREATED
from harness.providers.openai.strict.response_rules import NO_CALL, NO_OUTPUT, TWICE

MOST = 1_000
NOT_FOUND = 404
OUTPUT = "function_call_output"
NOT_SERVED = "not_served"  # error code for something that this provider does not have
Document = dict[str, Any]


class Answered(Protocol):
    """A response as it is written."""

    def stored(self, ident: str) -> Document:
        """The whole of it."""

    def input(self, ident: str) -> list[Document]:
        """What was asked, as items."""


class Responses:
    """The stored responses of one space.

    Args:
        stored: ids of responses that existed before; deleting one of them is answered but not done.
    """

    def __init__(self, stored: tuple[str, ...] = ()) -> None:
        self._given = frozenset(stored)
        self._kept: OrderedDict[str, Answered] = OrderedDict()

    def keep(self, ident: str, answer: Answered) -> None:
        """Keep a response by its id; the oldest is dropped if there are too many."""
        self._kept[ident] = answer
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def check(self, ident: str, items: Sequence[Document]) -> None:
        """Check that a new response can continue from the stored ones.

        Args:
            ident: of the response before it; '' for none.
            items: items of the request.

        Raises:
            RefusedError: 400 for a response, 404 for an item; 400 for a call without an output, and the other way round.
        """
        before = _bare(ident)
        if ident and before not in self._kept and ident not in self._given:
            said = f"Previous response with id '{ident}' not found."
            raise RefusedError(said, "previous_response_id", "previous_response_not_found")
        references = [item["id"] for item in items if item.get("type") == "item_reference"]
        if not (ident or references):
            return
        history, whole = self._history(before)
        self._refuse_twice(history, items)
        meant = self._meant(references)
        answered = {item.get("call_id") for item in items if item.get("type") == OUTPUT}
        last = self._kept[before].stored(before)["output"] if before in self._kept else []
        for call in (*_calls(last), *_calls(meant)):
            if call not in answered:
                raise RefusedError(NO_OUTPUT.format(call), "input")
        known = {*_calls([*history, *meant, *items], "_call")}
        for item in items:
            if whole and item.get("type") == OUTPUT and item["call_id"] not in known:
                raise RefusedError(NO_CALL.format(item["call_id"]), "input")

    def _history(self, ident: str) -> tuple[list[Document], bool]:
        """The items of a response and of all earlier ones, and whether all are stored."""
        found: list[Document] = []
        while ident in self._kept:
            document = self._kept[ident].stored(ident)
            found += self._items(ident)
            ident = _bare(document["previous_response_id"] or "")
        return found, not ident

    def _refuse_twice(self, history: Sequence[Document], items: Sequence[Document]) -> None:
        there = {item["id"] for item in history}
        for item in items:
            if item.get("id") in there and not item.get("type", "").endswith("_output"):
                raise RefusedError(TWICE.format(item["id"]), "input")

    def _meant(self, references: Sequence[str]) -> list[Document]:
        """The referenced items, if they are stored."""
        kept = {item["id"]: item for ident in self._kept for item in self._items(ident)} if references else {}
        for reference in references:
            if reference not in kept and not self._given:
                said = "Items are not persisted when `store` is set to false."
                raise RefusedError(f"Item with id '{reference}' not found. {said}", "input", status=NOT_FOUND)
        return [kept[reference] for reference in references if reference in kept]

    def answer(self, method: str, rest: list[str], sent: bytes) -> Document | list[Document]:
        """The provider's answer to requests other than a new response; a list where it is one.

        Args:
            method: of HTTP.
            rest: of the path, below /responses.
            sent: the body, where there is one.

        Raises:
            RefusedError: 404.
        """
        match [method, *rest]:
            case ["POST", "input_tokens"]:
                return {"object": "response.input_tokens", "input_tokens": -(-len(sent) // BYTES_A_TOKEN)}
            case ["POST", "compact"]:
                return _compacted(sent)
            case ["GET", ident]:
                return self._whole(ident)
            case ["POST", ident, "cancel"]:
                return {**self._whole(ident), "status": "cancelled"}
            case ["GET", ident, "input_items"]:
                self._whole(ident)
                answer = self._kept.get(_bare(ident))
                return answer.input(ident) if answer else []
            case ["DELETE", ident]:
                self._whole(ident)
                self._kept.pop(_bare(ident), None)
                return {"id": ident, "object": "response", "deleted": True}
        raise RefusedError(f"Invalid URL ({method} /v1/responses/{'/'.join(rest)})", status=NOT_FOUND)

    def _items(self, ident: str) -> list[Document]:
        """The items of question and answer."""
        answer = self._kept[ident]
        given = [item for item in answer.input(ident) if item.get("type") != "item_reference"]
        return [*given, *answer.stored(ident)["output"]]

    def _whole(self, ident: str) -> Document:
        answer = self._kept.get(_bare(ident))
        if answer is not None:
            return answer.stored(_bare(ident))
        if ident not in self._given:
            raise RefusedError(f"Response with id '{ident}' not found.", status=NOT_FOUND)
        part = {"type": "output_text", "text": "A stored answer.", "annotations": [], "logprobs": []}
        message = {
            "id": "msg_stored",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [part],
        }
        return {**_GIVEN, "id": ident, "output": [message]}


def _bare(ident: str) -> str:
    return ident.removeprefix("resp_")


def _calls(items: Sequence[Document], kind: str = "function_call") -> list[str]:
    """The ids of calls of a kind, by the ending of its name."""
    return [item["call_id"] for item in items if item.get("type", "").endswith(kind) and item.get("call_id")]


def _compacted(sent: bytes) -> Document:
    """A compacted conversation, which only the provider can read."""
    digest = hashlib.blake2b(sent, digest_size=12).hexdigest()
    asked = -(-len(sent) // BYTES_A_TOKEN)
    return {
        "id": f"resp_{digest}",
        "object": "response.compaction",
        "created_at": CREATED,
        "output": [{"id": f"cmp_{digest}", "type": "compaction", "encrypted_content": digest}],
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + 1,
        },
    }


_GIVEN: Document = {
    "object": "response",
    "created_at": CREATED,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "model": "gpt-4o-mini",
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "metadata": {},
}

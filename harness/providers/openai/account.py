"""An account's models, and the answers that it asked the provider to store."""

from collections import OrderedDict
from typing import Any
from urllib.parse import parse_qs

import msgspec

from harness.providers.correlation import number_in
from harness.providers.errors import RefusedError
from harness.providers.openai.body import Body as Asked
from harness.providers.openai.completions import CREATED
from harness.providers.openai.content import FOR_GOOD
from harness.providers.openai.responses.body import PATH as RESPONSES
from harness.providers.openai.responses.body import ResponseBody
from harness.providers.openai.responses.kept import NOT_SERVED, Responses

DEFAULT_MODEL = "gpt-4o-mini"
MOST_STORED = 1_000
Body = dict[str, Any]
PAGE_SIZE = 20
NOT_FOUND = 404
NO_MODEL = "model_not_found"
NOT_THERE = 501


class Account:
    """One space's models and stored completions.

    Args:
        models: existing models; if none is named, every model exists.
        stored: ids of completions that existed before; deleting one of them is answered but not done.
    """

    def __init__(self, models: tuple[str, ...] = (), stored: tuple[str, ...] = ()) -> None:
        self._models = models
        self._given = {ident: _given(ident) for ident in stored}
        self._stored: OrderedDict[str, Body] = OrderedDict()
        self.responses = Responses(stored)

    def check_model(self, model: str, path: str = "") -> None:
        """Check that there is such a model.

        Args:
            model: its id.
            path: path of the request, below /v1.

        Raises:
            RefusedError: 404; 400 where a response is asked for.
        """
        if self._models and model not in self._models:
            if path == RESPONSES:
                raise RefusedError(f"The requested model '{model}' does not exist.", "model", NO_MODEL)
            said = f"The model '{model}' does not exist or you do not have access to it."
            raise RefusedError(said, None, NO_MODEL, status=NOT_FOUND)

    def store(self, ident: str, asked: Asked, answer: Any) -> None:
        """Keep an answer that must be stored; the oldest is dropped if there are too many.

        Args:
            ident: id of the answer, without the prefix for its kind.
            asked: the request.
            answer: as it is sent; a chat completion that was streamed is not kept.
        """
        if isinstance(asked, ResponseBody):
            self.responses.keep(ident, answer)
        elif not asked.streams:
            body = msgspec.json.decode(answer.document(ident))
            self._stored[body["id"]] = body
            if len(self._stored) > MOST_STORED:
                self._stored.popitem(last=False)

    def answer(self, method: str, path: str, query: str, sent: bytes) -> dict[str, Any]:
        """The provider's answer to requests other than a new completion.

        Args:
            method: of HTTP.
            path: below /v1.
            query: of the URL.
            sent: the body, where there is one.

        Raises:
            RefusedError: 404, or 400.
        """
        match path.strip("/").split("/"):
            case ["models", *name]:
                return self._about_models(method, "/".join(name))
            case ["chat", "completions", *rest] if rest or method == "GET":
                return self._about_stored(method, rest, query, sent)
            case ["responses", _, *_] as parts:
                found = self.responses.answer(method, parts[1:], sent)
                return _page(found, query) if isinstance(found, list) else found
            case [("batches" | "files" | "uploads") as what, *_]:
                said = f"The scripted provider has no {what}: it answers chat completions, responses, embeddings and models."
                raise RefusedError(said, None, NOT_SERVED, status=NOT_THERE, headers=FOR_GOOD)
        raise _not_there(method, path)

    def _about_models(self, method: str, name: str) -> dict[str, Any]:
        if not name and method in ("GET", "HEAD"):
            models = self._models or (DEFAULT_MODEL,)
            return {"object": "list", "data": [_model(each) for each in models]}
        if not name or method not in ("GET", "DELETE", "HEAD"):
            raise _not_there(method, f"/models/{name}".rstrip("/"))
        self.check_model(name)
        if method == "DELETE":
            return {"id": name, "object": "model", "deleted": True}
        return _model(name)

    def _about_stored(self, method: str, rest: list[str], query: str, sent: bytes) -> dict[str, Any]:
        if not rest:
            return _page(list(self._all().values()), query)
        ident = rest[0]
        found = self._find(ident)
        match [method, *rest[1:]]:
            case ["POST"]:
                found["metadata"] = _metadata(sent)
            case ["DELETE"]:
                self._stored.pop(ident, None)
                return {"object": "chat.completion.deleted", "id": ident, "deleted": True}
            case ["GET", "messages"]:
                return _page(_messages(found), query)
            case [_, _, *_]:
                raise _not_there(method, f"/chat/completions/{'/'.join(rest)}")
        return found

    def _all(self) -> dict[str, Body]:
        return self._given | self._stored

    def _find(self, ident: str) -> Body:
        found = self._all().get(ident)
        if found is None:
            raise RefusedError(
                f"No completion was found with the id '{ident}'.", "completion_id", status=NOT_FOUND
            )
        return found


def _metadata(sent: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(sent, type=dict[str, dict[str, str]])["metadata"]
    except (msgspec.MsgspecError, KeyError):
        said = "Missing required parameter: 'metadata', an object of strings."
        raise RefusedError(said, "metadata", "missing_required_parameter") from None


def _not_there(method: str, path: str) -> RefusedError:
    return RefusedError(f"Invalid URL ({method} /v1{path})", status=NOT_FOUND)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "harness"}


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The model's messages; the description's types have no other role."""
    return [
        {**choice["message"], "id": f"{body['id']}-{choice['index']}", "content_parts": None}
        for choice in body["choices"]
    ]


def _given(ident: str) -> Body:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "A stored answer.",
        "refusal": None,
        "annotations": [],
    }
    return {
        "id": ident,
        "object": "chat.completion",
        "created": CREATED,
        "model": DEFAULT_MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5},
        "metadata": {},
    }


def _page(items: list[dict[str, Any]], query: str) -> dict[str, Any]:
    """One page by cursor: `limit`, `after`, `order`."""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    items = items[::-1] if given.get("order") == "desc" else items
    names = [item["id"] for item in items]
    start = names.index(given["after"]) + 1 if given.get("after") in names else 0
    limit = number_in(given.get("limit", "")) or PAGE_SIZE
    page = items[start : start + limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": start + limit < len(items),
    }

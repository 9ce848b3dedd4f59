"""The body of a chat completion, and the same as a stream of chunks.

It is written once for a request and a reply, and cached; each call inserts its own id.
"""

import hashlib
import json
from typing import Any

from harness.providers.exchange import encode
from harness.providers.openai.body import BYTES_A_TOKEN
from harness.providers.openai.request import ChatBody
from harness.providers.openai.steps import Reply, ToolCall, Usage

CREATED = 1_767_225_600  # 2026-01-01: no wall clock, so that the same script gives the same bytes
CHUNK_CHARACTERS = 16  # about four tokens
LOG_PROBABILITY = -0.01
DONE = b"data: [DONE]\n\n"
USAGE = (
    b'{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,'
    b'"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},'
    b'"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,'
    b'"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
)
DOCUMENT = b'{"id":"chatcmpl-'
WHOLE = (
    b'","object":"chat.completion","created":%d,"model":%b,"choices":%b,"usage":%b,'
    b'"service_tier":"default","system_fingerprint":"fp_harness"}'
)
EVENT = b'data: {"id":"chatcmpl-'
CHUNK = (
    b'","object":"chat.completion.chunk","created":%d,"model":%b,"choices":%b%b,'
    b'"service_tier":"default","system_fingerprint":"fp_harness"}\n\n'
)


class Written:
    """An answer as it is sent, without its id.

    Args:
        body: of the request.
        reply: what it says.
    """

    __slots__ = ("_body", "_tails", "chunks", "finish_reason", "reply", "text", "usage")

    def __init__(self, body: ChatBody, reply: Reply) -> None:
        self._body = body
        self.reply = reply
        content = reply.content
        self.text: str | None = (
            content
            if content is None or isinstance(content, str)
            else json.dumps(content, ensure_ascii=False)
        )
        self.finish_reason = reply.finish_reason or ("tool_calls" if reply.tools else "stop")
        most = body.most_tokens * BYTES_A_TOKEN
        if most and self.text is not None and len(encoded := self.text.encode()) > most:
            self.text = encoded[:most].decode(errors="ignore")
            self.finish_reason = "length"
        self.usage = reply.usage or Usage(body.prompt_tokens, self._tokens() * body.choices)
        # Number of chunks that a stream of it would have.
        self.chunks = 1 + len(self.text or "") // CHUNK_CHARACTERS
        self._tails = self._chunk_tails() if body.streams else [self._whole_tail()]

    def document(self, ident: str) -> bytes:
        """The body of a 200."""
        return DOCUMENT + ident.encode() + self._tails[0]

    def events(self, ident: str) -> list[bytes]:
        """The same as server-sent events: the role, the pieces, the finish, the usage if it was asked for, `[DONE]`."""
        head = EVENT + ident.encode()
        return [*map(head.__add__, self._tails), DONE]

    def _whole_tail(self) -> bytes:
        said = self._body
        choices = encode([self._choice(index, scored=said.scored) for index in range(said.choices)])
        return WHOLE % (CREATED, encode(said.model), choices, self._usage())

    def _chunk_tails(self) -> list[bytes]:
        model = encode(self._body.model)
        not_yet = b',"usage":null' if self._body.usage_wanted else b""
        tails = [
            CHUNK % (CREATED, model, encode([delta]), not_yet)
            for index in range(self._body.choices)
            for delta in self._streamed(index, scored=self._body.scored)
        ]
        if self._body.usage_wanted:
            tails.append(CHUNK % (CREATED, model, b"[]", b',"usage":%b' % self._usage()))
        return tails

    def _choice(self, index: int, *, scored: bool) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self.text,
            "refusal": self.reply.refusal,
            "annotations": [],
        }
        if self.reply.tools:
            message["tool_calls"] = [_tool(index, n, tool) for n, tool in enumerate(self.reply.tools)]
        logprobs = _logprobs(_pieces(self.text or "")) if scored else None
        return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": self.finish_reason}

    def _streamed(self, index: int, *, scored: bool) -> list[dict[str, Any]]:
        """One choice in chunks."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "", "refusal": None}]
        deltas += [{"content": piece} for piece in _pieces(self.text or "")]
        deltas += [{"refusal": piece} for piece in _pieces(self.reply.refusal or "")]
        for number, tool in enumerate(self.reply.tools):
            whole = {"index": number, **_tool(index, number, tool)}
            arguments = whole["function"].pop("arguments")
            whole["function"]["arguments"] = ""
            deltas.append({"tool_calls": [whole]})
            deltas += [
                {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}
                for piece in _pieces(arguments)
            ]
        shown = [
            {
                "index": index,
                "delta": delta,
                "logprobs": _logprobs([delta["content"]]) if scored and delta.get("content") else None,
                "finish_reason": None,
            }
            for delta in deltas
        ]
        return [*shown, {"index": index, "delta": {}, "logprobs": None, "finish_reason": self.finish_reason}]

    def _tokens(self) -> int:
        written = len((self.text or self.reply.refusal or "").encode())
        written += sum(len(json.dumps(tool.arguments)) for tool in self.reply.tools)
        return -(-written // BYTES_A_TOKEN)

    def _usage(self) -> bytes:
        prompt, completion = self.usage.prompt_tokens, self.usage.completion_tokens
        return USAGE % (prompt, completion, prompt + completion)


def _tool(index: int, number: int, tool: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(tool.arguments, ensure_ascii=False)
    digest = hashlib.blake2b(f"{index}/{number}/{tool.name}/{arguments}".encode(), digest_size=12).hexdigest()
    function = {"name": tool.name, "arguments": arguments}
    return {"id": f"call_{digest}", "type": "function", "function": function}


def _logprobs(pieces: list[str]) -> dict[str, Any]:
    tokens = [
        {"token": piece, "logprob": LOG_PROBABILITY, "bytes": list(piece.encode()), "top_logprobs": []}
        for piece in pieces
    ]
    return {"content": tokens, "refusal": None}


def _pieces(text: str) -> list[str]:
    return [text[at : at + CHUNK_CHARACTERS] for at in range(0, len(text), CHUNK_CHARACTERS)]

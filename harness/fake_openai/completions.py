"""The body of a chat completion, and the same as a stream of chunks.

What depends on the reply alone is written once and kept; the rest is put around it, for each call has its own id and cost.
"""

import hashlib
import json
from typing import Any

from harness.fake_openai.exchange import encode
from harness.fake_openai.request import BYTES_A_TOKEN, Body
from harness.fake_openai.steps import Reply, ToolCall, Usage

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
DOCUMENT = (
    b'{"id":"chatcmpl-%b","object":"chat.completion","created":%d,"model":%b,"choices":%b,"usage":%b,'
    b'"service_tier":"default","system_fingerprint":"fp_harness"}'
)
CHUNK = (
    b'data: {"id":"chatcmpl-%b","object":"chat.completion.chunk","created":%d,"model":%b,"choices":%b%b,'
    b'"service_tier":"default","system_fingerprint":"fp_harness"}\n\n'
)
NOT_YET = b',"usage":null'


class Written:
    """A reply in the provider's words, apart from id and cost.

    Args:
        body: of any request that it answers: they agree in what is looked at here.
        reply: what it says.
    """

    __slots__ = ("_deltas", "_format", "choices", "finish_reason", "reply", "text", "tokens")

    def __init__(self, body: Body, reply: Reply) -> None:
        self.reply = reply
        self._format = body.format  # kept, as the reply is, so that nothing else can get its id
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
        count = body.chat.n or 1
        self.tokens = self._tokens() * count
        scored = bool(body.chat.logprobs)
        self.choices = encode([self._choice(index, scored=scored) for index in range(count)])
        self._deltas: list[bytes] | None = None

    @staticmethod
    def key(body: Body, reply: Reply) -> tuple[object, ...]:
        """What requests have to agree in to get the same; good as long as the reply and the format are kept."""
        chat = body.chat
        return id(reply), id(body.format), chat.n, chat.logprobs, body.most_tokens

    @property
    def chunks(self) -> int:
        """How many a stream of it has, the role's own among them."""
        return 1 + len(self.text or "") // CHUNK_CHARACTERS

    def usage(self, body: Body) -> Usage:
        """What this call costs."""
        return self.reply.usage or Usage(body.prompt_tokens, self.tokens)

    def document(self, body: Body, ident: str) -> bytes:
        """The body of a 200."""
        model = encode(body.chat.model)
        return DOCUMENT % (ident.encode(), CREATED, model, self.choices, self._usage(body))

    def events(self, body: Body, ident: str, *, counted: bool) -> list[bytes]:
        """The same as server-sent events: the role, the pieces, the finish, the usage if it was asked for, `[DONE]`."""
        if self._deltas is None:
            scored = bool(body.chat.logprobs)
            numbers = range(body.chat.n or 1)
            self._deltas = [encode([delta]) for n in numbers for delta in self._streamed(n, scored=scored)]
        model, name = encode(body.chat.model), ident.encode()
        usage = NOT_YET if counted else b""
        found = [CHUNK % (name, CREATED, model, choices, usage) for choices in self._deltas]
        if counted:
            usage = b',"usage":%b' % self._usage(body)
            found.append(CHUNK % (name, CREATED, model, b"[]", usage))
        found.append(DONE)
        return found

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

    def _usage(self, body: Body) -> bytes:
        usage = self.usage(body)
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
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

"""The steps of a plain HTTP service for one call, in addition to those of every provider."""

from typing import Annotated, Any

import msgspec

from harness.providers.steps import Answer, Cut, Fault, Garble, Hang, Header, Stall, Step

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


class Reply(Step, tag="reply", frozen=True, kw_only=True):
    """Answer with this.

    Args:
        status: of HTTP; 204 and 304 come without a body.
        body: as JSON.
        text: text instead of the JSON, sent as it is.
        headers: of the answer, among them perhaps another content-type.
    """

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200
    body: Any = msgspec.field(default_factory=dict)
    text: str | None = None
    headers: dict[str, Header] = msgspec.field(default_factory=dict)

    def content(self) -> bytes:
        """The body that is sent."""
        return msgspec.json.encode(self.body) if self.text is None else self.text.encode()

    def all_headers(self) -> dict[str, str]:
        """Name in lower case -> value, the content-type first."""
        usual = {"content-type": JSON if self.text is None else TEXT}
        return usual | {name.lower(): value for name, value in self.headers.items()}


AnyStep = Reply | Answer | Fault | Hang | Stall | Cut | Garble

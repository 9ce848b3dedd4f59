"""How an answer is asked to be JSON: by a strict schema, as JSON at all, or by words alone; a provider may know only some of these."""

import json
import logging
from collections.abc import Mapping
from typing import Any, Literal

from openai import Omit, omit
from openai.types.chat.completion_create_params import ResponseFormat as Asked

from app.roadmaps.prompts import Messages
from app.schemas.content import StructuredOutput

log = logging.getLogger(__name__)
Form = Literal["json_schema", "json_object", "text"]
# each asks less of a provider than the one before
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
REFUSED_STATUS = {400, 422}
SPOKEN_OF = ("response_format", "json_schema", "json_object", "structured output", "guided_json")


class ResponseFormat:
    """The form in which this process asks; where the provider may choose, what it refuses is not asked for again.

    Args:
        wanted: a form, or `auto` for the strictest that the provider takes.
    """

    def __init__(self, wanted: Literal["auto"] | Form) -> None:
        self._left = list(FORMS) if wanted == "auto" else [wanted]

    @property
    def form(self) -> Form:
        """Asked for now."""
        return self._left[0]

    def refused(self, form: Form, status: int, body: object) -> bool:
        """Take note that a call was refused; whether it was for its form, and another one is left to ask with.

        Args:
            form: that the call had.
            status: of HTTP.
            body: of the error, as it was parsed.
        """
        said = json.dumps(body, ensure_ascii=False, default=str).lower()
        if status not in REFUSED_STATUS or not any(word in said for word in SPOKEN_OF):
            return False
        if form == self.form and len(self._left) > 1:
            self._left.pop(0)
            log.warning(
                "the provider takes no response_format %s; %s is asked for from now on (OPENAI_RESPONSE_FORMAT)",
                form,
                self.form,
            )
        return form != self.form  # another call may have found it out meanwhile


def asked(form: Form, output: type[StructuredOutput]) -> Asked | Omit:
    """The parameter of the call.

    Args:
        form: of it.
        output: whose schema the answer must fit.
    """
    match form:
        case "json_schema":
            return {
                "type": "json_schema",
                "json_schema": {
                    "name": output.schema_name,
                    "strict": True,
                    "schema": output.model_json_schema(),
                },
            }
        case "json_object":
            return {"type": "json_object"}
        case "text":
            return omit


def told(form: Form, output: type[StructuredOutput], messages: Messages) -> Messages:
    """The messages; where the form does not say the schema, the first of them does.

    Args:
        form: of the call.
        output: whose schema the answer must fit.
        messages: instructions first, then the learner's data.
    """
    if form == "json_schema":
        return messages
    schema: Mapping[str, Any] = {"name": output.schema_name, "schema": output.model_json_schema()}
    words = (
        "Answer with one JSON object and nothing else, no Markdown around it. It has to fit this JSON Schema:"
    )
    instruction = f"{words}\n{json.dumps(schema, ensure_ascii=False)}"
    return [{"role": "system", "content": instruction}, *messages]

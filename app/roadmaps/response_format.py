"""Asks for JSON by a strict schema, by JSON mode, or by words alone; a provider may support only some of these."""

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
# Each form needs less of a provider than the form before it.
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
REFUSED_STATUS = {400, 422}
SPOKEN_OF = ("response_format", "json_schema", "json_object", "structured output", "guided_json")


class ResponseFormat:
    """This process' form; with `auto`, a form that the provider refuses is not used again.

    Args:
        wanted: a form, or `auto` for the strictest that the provider accepts.
    """

    def __init__(self, wanted: Literal["auto"] | Form) -> None:
        self._left = list(FORMS) if wanted == "auto" else [wanted]

    @property
    def form(self) -> Form:
        """The form of the next call."""
        return self._left[0]

    def refused(self, form: Form, status: int, body: object) -> bool:
        """Note that a call was refused. Returns whether its form was the reason and another form can be tried.

        Args:
            form: of the call.
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
        return form != self.form  # another call may have changed it already


def asked(form: Form, output: type[StructuredOutput]) -> Asked | Omit:
    """The parameter `response_format` of a call.

    Args:
        form: of the call.
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
    """The messages; if the form does not contain the schema, the first message does.

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

"""Limits the length of an answer: each family of models has its own name for the limit, and refuses one beyond its maximum.

From OpenAI's reference of chat completions and its pages of the models. For other models, such as a deployment with its own name, a
future model or another server's, the limit is learnt from their refusals.
"""

import json
import logging
import re
from collections.abc import Mapping

log = logging.getLogger(__name__)
OLD, NEW = "max_tokens", "max_completion_tokens"
OTHER = {OLD: NEW, NEW: OLD}
LEAST = 256  # tokens: no answer of ours fits into fewer
REFUSED_STATUS = {400, 422}
SPOKEN_OF = (OLD, NEW, "context length", "context_length", "completion tokens", "output tokens")
TAKES_NO = re.compile(r"unsupported|not supported|unknown|unrecognized|not permitted|unexpected|use 'max_")
MOST = re.compile(r"(?:at most|maximum|less than or equal to|<=|up to)\D{0,40}?(\d{3,7})")
# Beginning of a model's name, up to the end of a word -> parameter and largest limit in tokens; special names first. For a small context
# that prompt and answer share, the limit is half of it.
_FAMILIES = (
    ("gpt-3.5-turbo-0301", OLD, 2_048),
    ("gpt-3.5-turbo-0613", OLD, 2_048),
    ("gpt-3.5", OLD, 4_096),
    ("gpt-35", OLD, 4_096),  # the spelling of Azure
    ("gpt-4o-2024-05-13", NEW, 4_096),
    ("gpt-4o", NEW, 16_384),
    ("chatgpt-4o", NEW, 16_384),
    ("gpt-4.1", NEW, 32_768),
    ("gpt-4.5", NEW, 16_384),
    ("gpt-4", OLD, 4_096),
    ("gpt-5-chat", NEW, 16_384),
    ("gpt-5", NEW, 128_000),
    ("o1-preview", NEW, 32_768),
    ("o1-mini", NEW, 65_536),
    ("o1", NEW, 100_000),
    ("o3", NEW, 100_000),
    ("o4", NEW, 100_000),
)


def output_limit(model: str, most: int) -> Mapping[str, int]:
    """The parameter of a call that limits its answer, as far as the model's name tells it.

    Args:
        model: from OPENAI_MODEL; it may be fine-tuned (`ft:...`) or have a vendor's prefix (`openai/...`).
        most: the wanted limit, in tokens.

    Returns:
        Name and value. A model of another vendor gets the old name, which every other server knows.
    """
    name = model.lower().removeprefix("ft:").rpartition("/")[2]
    for begins, parameter, writes in _FAMILIES:
        if name.startswith(begins) and not name[len(begins) :][:1].isalnum():
            return {parameter: min(most, writes)}
    return {OLD: most}


def most_tokens(model: str, most: int) -> int:
    """The limit of an answer in tokens; arguments as of `output_limit`."""
    (tokens,) = output_limit(model, most).values()
    return tokens


class OutputLimit:
    """This process' limit of an answer; a limit that the provider refuses is not sent again.

    Args:
        model: as of `output_limit`.
        most: likewise.
    """

    def __init__(self, model: str, most: int) -> None:
        ((self._name, self._tokens),) = output_limit(model, most).items()
        self._names_left = [OTHER[self._name]]

    @property
    def parameter(self) -> Mapping[str, int]:
        """The parameter for the next call."""
        return {self._name: self._tokens}

    def refused(self, asked: Mapping[str, int], status: int, body: object) -> bool:
        """Note that a call was refused. Returns whether its limit was the reason and another limit can be tried.

        Args:
            asked: the parameter that the call had.
            status: of HTTP.
            body: of the error, as it was parsed.
        """
        said = json.dumps(body, ensure_ascii=False, default=str).lower()
        if status not in REFUSED_STATUS or not any(word in said for word in SPOKEN_OF):
            return False
        if asked == self.parameter:  # otherwise another call has already changed it
            if TAKES_NO.search(said) and self._names_left:
                self._name = self._names_left.pop()
            else:
                self._tokens = max(LEAST, _less(self._tokens, said))
            if asked != self.parameter:
                log.warning(
                    "the provider refuses %s as the limit of an answer; it is asked with %s from now on (OPENAI_MAX_OUTPUT_TOKENS)",
                    asked,
                    self.parameter,
                )
        return asked != self.parameter


def _less(tokens: int, said: str) -> int:
    """The largest limit that the refusal names, else half of what was refused."""
    named = [int(number) for number in MOST.findall(said)]
    return max((number for number in named if number < tokens), default=tokens // 2)

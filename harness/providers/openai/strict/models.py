"""The parameters of families of models: models that reason have other parameters than those that do not.

From the description's texts and the provider's guides to reasoning and to models; a model of no known family takes everything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Parameter -> the only value that is accepted although it cannot be chosen.
SAMPLING: Mapping[str, Any] = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
SCORES: Mapping[str, Any] = {"logprobs": False, "top_logprobs": None, "logit_bias": None}


@dataclass(frozen=True, slots=True)
class Family:
    """Models that take the same.

    Args:
        name: for people.
        names: pattern of their ids.
        unsupported: parameters that they do not take -> the default value that is accepted nevertheless.
        values: parameter -> those it takes, where they are not all that the description has.
        only_default: whether other values are refused, and not the parameter itself.
        instead: parameter -> the one to use in its place.
    """

    name: str
    names: re.Pattern[str]
    unsupported: Mapping[str, Any]
    values: Mapping[str, tuple[str, ...]]
    only_default: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)


REASONS: Mapping[str, str] = {"max_tokens": "max_completion_tokens"}
MEDIUM = ("medium",)
EFFORTS = ("none", "low", "medium", "high")
FAMILIES = (
    Family(
        "o1 and o3-mini",
        re.compile(r"o1(-|$)|o3-mini"),
        {**SAMPLING, **SCORES, "max_tokens": None, "parallel_tool_calls": None},
        {"reasoning_effort": ("low", "medium", "high"), "verbosity": MEDIUM},
        instead=REASONS,
    ),
    Family(
        "o3 and o4",
        re.compile(r"o3(-(?!mini)|$)|o4(-|$)"),
        {**SAMPLING, **SCORES, "max_tokens": None, "parallel_tool_calls": None, "stop": None},
        {"reasoning_effort": ("low", "medium", "high"), "verbosity": MEDIUM},
        instead=REASONS,
    ),
    Family(
        "gpt-5",
        re.compile(r"gpt-5(-mini|-nano)?(-\d{4}.*)?$"),
        {**SAMPLING, **SCORES, "max_tokens": None},
        {"reasoning_effort": ("minimal", "low", "medium", "high")},
        only_default=True,
        instead=REASONS,
    ),
    Family(
        "gpt-5.1",
        re.compile(r"gpt-5\.1(-\d{4}.*)?$"),
        {"max_tokens": None},
        {"reasoning_effort": EFFORTS},
        instead=REASONS,
    ),
    Family(
        "gpt-5.2 to gpt-5.5",
        re.compile(r"gpt-5\.[2-5](-mini|-nano)?(-\d{4}.*)?$"),
        {"max_tokens": None},
        {"reasoning_effort": (*EFFORTS, "xhigh")},
        instead=REASONS,
    ),
    Family(
        "gpt-5.1 and later, all others", re.compile(r"gpt-5\.\d"), {"max_tokens": None}, {}, instead=REASONS
    ),
    Family(
        "gpt-4 and gpt-3.5",
        re.compile(r"(chatgpt-4o|gpt-4o|gpt-4|gpt-3\.5)(\.1)?(-|$)"),
        {"reasoning_effort": None},
        {"verbosity": MEDIUM},
    ),
)
WITHOUT_SYSTEM = re.compile(r"o1-(mini|preview)")
WITHOUT_EARS = re.compile(r"gpt-5(?!.*audio)")
WITHOUT_SCHEMAS = re.compile(r"gpt-3\.5|gpt-4(-(?!o|\.)|$)|gpt-4o-2024-05-13|o1-(mini|preview)")


WITHOUT_EYES = re.compile(r"gpt-3\.5|gpt-4(-0\d{3}|-32k.*|-turbo-preview|$)|o1-(mini|preview)|o3-mini")
# Models -> tokens that an answer of theirs has at most, by the provider's page of each.
MOST_TOKENS = (
    (re.compile(r"gpt-4o-2024-05-13|gpt-4-(turbo|1106|0125)|gpt-3\.5-turbo(-\d{4})?$"), 4_096),
    (re.compile(r"gpt-4o(-mini)?(-audio-preview|-search-preview)?(-\d{4}-\d\d-\d\d)?$"), 16_384),
    (re.compile(r"gpt-4\.1|o1-preview"), 32_768),
    (re.compile(r"o1-mini"), 65_536),
    (re.compile(r"o[134](-mini|-pro)?(-\d{4}-\d\d-\d\d)?$"), 100_000),
    (re.compile(r"gpt-5(\.\d)?(-mini|-nano)?(-\d{4}-\d\d-\d\d)?$"), 128_000),
)


def base_of(model: str) -> str:
    """The base of a model: `ft:gpt-4o-mini:acme::1` is a gpt-4o-mini."""
    return model.removeprefix("ft:").partition(":")[0]


def family_of(model: str) -> Family | None:
    """The family that a model is of; None where none is known."""
    return next((family for family in FAMILIES if family.names.match(base_of(model))), None)


def most_tokens(model: str) -> int | None:
    """The most tokens of an answer of a model; None where that is unknown."""
    return next((most for names, most in MOST_TOKENS if names.match(base_of(model))), None)

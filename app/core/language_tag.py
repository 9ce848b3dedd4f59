"""Language tags (RFC 5646): which are well formed, how they are written, and which parts are safe to give to a model."""

import re

LONGEST = 35  # characters: what section 4.4.1 says is enough for every tag that makes sense

# Section 2.1, without two things that nobody may use: languages of four to eight letters, of which none was ever registered,
# and a second and third extended language ("permanently reserved", section 2.2.2).
_TAG = re.compile(
    r"""
    (?P<language>[a-z]{2,3}) (?:-(?P<extended>[a-z]{3}))?
    (?:-(?P<script>[a-z]{4}))?
    (?:-(?P<region>[a-z]{2}|[0-9]{3}))?
    (?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)
    (?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)
    (?:-x(?:-[a-z0-9]{1,8})+)?
    """,
    re.VERBOSE,
)
_PRIVATE = re.compile(r"x(?:-[a-z0-9]{1,8})+")
# Tags for no language, several languages, or an unknown one.
_NO_LANGUAGE = {"mis", "mul", "und", "zxx", "i-default"}
_OF_SEVERAL = {"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"}  # languages with extended languages

# Tags that were registered before the grammar existed (section 2.2.8), and the preferred tag, if there is one.
_GRANDFATHERED = {
    "art-lojban": "jbo",
    "cel-gaulish": "cel-gaulish",
    "en-gb-oed": "en-GB-oxendict",
    "i-ami": "ami",
    "i-bnn": "bnn",
    "i-default": "i-default",
    "i-enochian": "i-enochian",
    "i-hak": "hak",
    "i-klingon": "tlh",
    "i-lux": "lb",
    "i-mingo": "i-mingo",
    "i-navajo": "nv",
    "i-pwn": "pwn",
    "i-tao": "tao",
    "i-tay": "tay",
    "i-tsu": "tsu",
    "no-bok": "nb",
    "no-nyn": "nn",
    "sgn-be-fr": "sfb",
    "sgn-be-nl": "vgt",
    "sgn-ch-de": "sgg",
    "zh-guoyu": "cmn",
    "zh-hakka": "hak",
    "zh-min": "zh-min",
    "zh-min-nan": "nan",
    "zh-xiang": "hsn",
}


def canonical(tag: str) -> str:
    """The tag in the letters that section 2.1.1 recommends, such as `zh-Hant-TW`; a grandfathered one becomes its successor.

    Raises:
        ValueError: it is not well formed.
    """
    lower = tag.lower()
    if len(tag) > LONGEST or not tag.isascii():
        raise ValueError("must be a language tag, such as en, zh-Hans or es-419")
    if lower in _GRANDFATHERED:
        return _GRANDFATHERED[lower]
    if _PRIVATE.fullmatch(lower):
        return lower
    found = _TAG.fullmatch(lower)
    if found is None or _repeats(found["variants"]) or _repeats(_singletons(found["extensions"])):
        raise ValueError("must be a language tag, such as en, zh-Hans or es-419")
    return _cased(lower)


def language_of(tag: str) -> str:
    """The tag's first part, which other tags of the same language share."""
    return tag.lower().partition("-")[0]


def names_one(tag: str) -> bool:
    """Whether the tag names one language that can be written: `und`, `mul` and the like do not.

    Args:
        tag: as `canonical` gives it.
    """
    return tag.lower() not in _NO_LANGUAGE and language_of(tag) not in _NO_LANGUAGE


def plain(tag: str) -> str:
    """Language, script and region: the parts of the tag that cannot carry a sentence.

    A client chooses the words of variants, extensions and private parts: `en-x-obey-me` and `en-0say-0yes` are well formed.
    An extended language stands alone, as in section 4.5: `zh-yue-HK` becomes `yue-HK`.

    Args:
        tag: as `canonical` gives it.

    Returns:
        '' if nothing is left, such as for a private tag.
    """
    if not names_one(tag):
        return ""
    if tag.lower() in _GRANDFATHERED:
        return tag
    found = _TAG.fullmatch(tag.lower())
    if found is None:
        return ""
    extended = found["extended"] if found["language"] in _OF_SEVERAL else None
    parts = (extended or found["language"], found["script"], found["region"])
    return _cased("-".join(part for part in parts if part))


def _cased(lower: str) -> str:
    """The tag in its usual case: two letters are a region and four a script, except in the first part and after a single letter."""
    parts = lower.split("-")
    first_singleton = next((n for n, part in enumerate(parts) if len(part) == 1), len(parts))
    for number in range(1, first_singleton):
        if len(parts[number]) == 2:  # noqa: PLR2004 - a region
            parts[number] = parts[number].upper()
        elif len(parts[number]) == 4:  # noqa: PLR2004 - a script
            parts[number] = parts[number].title() if parts[number].isalpha() else parts[number]
    return "-".join(parts)


def _singletons(extensions: str) -> str:
    return "-".join(part for part in extensions.split("-") if len(part) == 1)


def _repeats(parts: str) -> bool:
    """Whether a part occurs twice, which section 2.2.9 forbids for variants and for singletons."""
    given = [part for part in parts.split("-") if part]
    return len(given) != len(set(given))

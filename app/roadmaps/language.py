"""Decides a roadmap's language: the requested one, else the topic's, else the reader's, else English."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.core import language_tag

DEFAULT = "en"
MOST_RANGES = 50  # languages read from an Accept-Language
LONGEST = 4_000  # characters of a header; no browser sends a longer one
USUAL_LENGTH = 200  # characters up to which results are cached: a browser always sends the same header
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110, section 12.4.2

# Script -> its languages. A script's key is the first word of its letters' names in Unicode. The first language is meant, unless the
# reader's browser names another one of the list.
_LANGUAGES = {
    "CJK": ("zh", "yue", "cmn", "lzh", "nan", "hak", "wuu", "gan", "hsn"),  # and Japanese, see _meant
    "BOPOMOFO": ("zh",),
    "KANA": ("ja",),
    "HANGUL": ("ko",),
    "CYRILLIC": (
        "ru",
        "uk",
        "be",
        "bg",
        "sr",
        "mk",
        "kk",
        "ky",
        "mn",
        "tg",
        "tt",
        "ba",
        "cv",
        "ce",
        "os",
        "ab",
    ),
    "GREEK": ("el",),
    "ARABIC": ("ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug", "ks", "pa", "ms"),
    "HEBREW": ("he", "yi", "lad"),
    "THAI": ("th",),
    "DEVANAGARI": ("hi", "mr", "ne", "sa", "mai", "bho", "kok", "sd"),
    "BENGALI": ("bn", "as"),
    "GURMUKHI": ("pa",),
    "GUJARATI": ("gu",),
    "ORIYA": ("or",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "SINHALA": ("si",),
    "LAO": ("lo",),
    "TIBETAN": ("bo", "dz"),
    "MYANMAR": ("my", "shn", "mnw"),
    "KHMER": ("km",),
    "GEORGIAN": ("ka",),
    "ARMENIAN": ("hy",),
    "ETHIOPIC": ("am", "ti"),
    "MONGOLIAN": ("mn-Mong",),
    "THAANA": ("dv",),
    "TIFINAGH": ("zgh", "ber", "tzm", "kab", "shi", "rif", "thv", "taq"),
    "YI": ("ii",),
    "CHEROKEE": ("chr",),
    "OL": ("sat",),  # Ol Chiki
    "CANADIAN": ("iu", "cr", "oj", "crk", "csw", "ikt", "chp", "den"),
    "SYRIAC": ("syr", "aii", "syc", "tru", "cld"),
    "NKO": ("nqo",),
    "ADLAM": ("ff-Adlm",),
    "VAI": ("vai",),
    "BAMUM": ("bax",),
    "LISU": ("lis",),
    "LEPCHA": ("lep",),
    "LIMBU": ("lif",),
    "MEETEI": ("mni-Mtei",),
    "CHAKMA": ("ccp",),
    "SAURASHTRA": ("saz",),
    "SYLOTI": ("syl",),
    "OSAGE": ("osa",),
    "NEWA": ("new-Newa",),
    "CHAM": ("cjm",),
    "JAVANESE": ("jv-Java",),
    "BALINESE": ("ban-Bali",),
    "SUNDANESE": ("su-Sund",),
    "BUGINESE": ("bug-Bugi",),
    "MANDAIC": ("mid",),
    "SAMARITAN": ("sam",),
    "HANIFI": ("rhg-Rohg",),
    "MENDE": ("men-Mend",),
    "OSMANYA": ("so-Osma",),
    "WARANG": ("hoc-Wara",),
    "WANCHO": ("nnp",),
    "COPTIC": ("cop",),
    "GOTHIC": ("got",),
}
# Letters that only some languages of a script have. The first row with a letter of the text decides.
_LETTERS = (
    ("ARABIC", "ټډړښځڅۍ", ("ps",)),
    ("ARABIC", "ٻڀٺٽڦڄڃڏڌڍڙڳڱڪ", ("sd",)),
    ("ARABIC", "ڕڵێ", ("ckb", "ku")),
    ("ARABIC", "ۈۇ", ("ug",)),
    ("ARABIC", "ٹڈڑںے", ("ur", "pa", "ks")),
    ("ARABIC", "ڠڤݢڽۏ", ("ms",)),
    # The last one is the zero-width non-joiner, which Arabic does not use.
    ("ARABIC", "گچپژکی\u200c", ("fa", "ur", "ps", "ckb", "ku", "sd", "ug", "ks", "pa", "ms")),
    ("CYRILLIC", "ѓќѕ", ("mk",)),
    ("CYRILLIC", "ђћ", ("sr",)),
    ("CYRILLIC", "јљњџ", ("sr", "mk")),
    ("CYRILLIC", "ў", ("be", "uz")),
    ("CYRILLIC", "їєґ", ("uk",)),
    ("CYRILLIC", "әқғұһ", ("kk", "tt", "ba", "ky", "tg")),
    ("CYRILLIC", "\u0456", ("uk", "be", "kk")),  # looks like an i
)
_SAME = {
    "HIRAGANA": "KANA",
    "KATAKANA": "KANA",
    "KATAKANA-HIRAGANA": "KANA",
    "HENTAIGANA": "KANA",
    "IDEOGRAPHIC": "CJK",
}
LATIN = "LATIN"
GREEK_WORD = 3  # letters; fewer of them among Latin letters are a formula, such as ΔΣ
# Scripts in which a single letter is a word; in others it is a formula.
_OF_ONE_LETTER = {"CJK", "KANA", "HANGUL", "BOPOMOFO"}


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a roadmap.

    Args:
        tag: as RFC 5646 has it.
        source: what the decision rests on.
    """

    tag: str
    source: Literal["request", "topic", "accept-language", "default"]


def resolve(asked: str | None, texts: Sequence[str], accept_language: str) -> Language:
    """Decide the language.

    Args:
        asked: the language that the request names, from `language_tag.canonical`; None if it names none.
        texts: of the learner, the topic first: the first text with a script that is not Latin decides.
        accept_language: the header; '' for none. Malformed parts do not count.
    """
    if asked is not None:
        return Language(asked, "request")
    wanted = accepted(accept_language)
    for text in texts:
        if (script := _script(text, wanted)) is not None:
            return Language(_meant(script, text, wanted), "topic")
    return Language(wanted[0], "accept-language") if wanted else Language(DEFAULT, "default")


def _meant(script: str, text: str, wanted: Sequence[str]) -> str:
    """The reader's own or the usual language among those of this script that have this text's letters."""
    if script == "CJK" and wanted and language_tag.language_of(wanted[0]) == "ja":
        # Japanese text almost always has kana; without kana it must be the first choice of the reader
        return wanted[0]
    languages = _LANGUAGES[script]
    found = set(unicodedata.normalize("NFKC", text).lower())
    for of_script, letters, whose in _LETTERS:
        if of_script == script and not found.isdisjoint(letters):
            languages = whose
            break
    if "-" in languages[0]:
        return languages[0]  # a language that usually has another script: its tag names this one
    return next((tag for tag in wanted if language_tag.language_of(tag) in languages), languages[0])


def accepted(header: str) -> Sequence[str]:
    """The tags of an Accept-Language, best first; equal ones in their order (RFC 9110, section 12.5.4)."""
    if len(header) > LONGEST:
        return ()
    return _remembered(header) if len(header) <= USUAL_LENGTH else _read(header)


def _read(header: str) -> Sequence[str]:
    wanted = []
    for item in header.split(",", MOST_RANGES)[:MOST_RANGES]:
        name, *parameters = (part.strip() for part in item.split(";"))
        quality = _quality(parameters)
        try:
            tag = language_tag.canonical(name)
        except ValueError:
            continue  # also skips `*`, which names no language
        if quality and language_tag.plain(tag):  # neither a private tag nor `und`
            wanted.append((quality, tag))
    return tuple(tag for _, tag in sorted(wanted, key=lambda found: -found[0]))


_remembered = lru_cache(maxsize=256)(_read)


def _quality(parameters: Sequence[str]) -> float:
    """The quality value, 0 to 1; 0 if it is malformed."""
    if not parameters:
        return 1.0
    name, _, value = parameters[0].partition("=")
    if len(parameters) > 1 or name.strip().lower() != "q" or not _QUALITY.fullmatch(value.strip()):
        return 0.0
    return float(value)


def _script(text: str, wanted: Sequence[str]) -> str | None:
    """The script of most letters of a text, without Latin ones; None if there is none.

    Latin letters never count: topics are full of names (`Rust 所有权`). A single Greek letter is mathematics, and so are two beside Latin
    letters.
    """
    if text.isascii():
        return None
    letters: Counter[str] = Counter()
    runs = list(_runs(unicodedata.normalize("NFKC", _lettered(text))))
    latin = any(script == LATIN for script, _ in runs)
    for script, length in runs:
        formula = script == "GREEK" and latin and length < GREEK_WORD
        if script in _LANGUAGES and not formula and (length > 1 or script in _OF_ONE_LETTER):
            letters[script] += length
    if letters["KANA"]:
        chinese = wanted and language_tag.language_of(wanted[0]) in _LANGUAGES["CJK"]
        if letters["CJK"] and letters["KANA"] == 1 and chinese:
            letters["CJK"] += letters.pop("KANA")  # a の used as decoration
        else:
            letters["KANA"] += letters.pop("CJK", 0)  # Japanese has both
    found = letters.most_common(1)
    return found[0][0] if found and found[0][1] else None


def _lettered(text: str) -> str:
    """The letters of a text and their marks, without compatibility forms: 🈚 or ㈱ would become a letter that nobody has written."""
    return "".join(character if unicodedata.category(character)[0] in "LM" else " " for character in text)


def _runs(text: str) -> Iterator[tuple[str, int]]:
    """The runs of letters of one script, each with its length; marks belong to the letter before them."""
    running, length = "", 0
    for character in text:
        category = unicodedata.category(character)
        if category.startswith("M"):
            continue
        script = ""
        if category.startswith("L"):
            name = unicodedata.name(character, "").partition(" ")[0]
            script = _SAME.get(name, name)
        if script != running:
            if running:
                yield running, length
            running, length = script, 0
        length += 1
    if running:
        yield running, length

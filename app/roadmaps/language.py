"""In which language a roadmap is written: the one that is asked for, else the topic's own, else the reader's, else English."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.core import language_tag

DEFAULT = "en"
MOST_RANGES = 50  # of an Accept-Language that are looked at
LONGEST = 4_000  # characters of one; a longer one is no browser's
USUAL_LENGTH = 200  # of one; a browser sends the same again and again
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110, section 12.4.2

# A script is the first word of its letters' names in Unicode. Which languages are written in it: the first is meant, unless the
# reader's browser names another one of them.
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
# Letters, of a script with several languages, that only some of them have. The first row of which a text has one decides.
_LETTERS = (
    ("ARABIC", "ټډړښځڅۍ", ("ps",)),
    ("ARABIC", "ٻڀٺٽڦڄڃڏڌڍڙڳڱڪ", ("sd",)),
    ("ARABIC", "ڕڵێ", ("ckb", "ku")),
    ("ARABIC", "ۈۇ", ("ug",)),
    ("ARABIC", "ٹڈڑںے", ("ur", "pa", "ks")),
    ("ARABIC", "ڠڤݢڽۏ", ("ms",)),
    # The last one is the zero-width non-joiner, which Arabic has no use for.
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
GREEK_WORD = 3  # letters: fewer of them among Latin ones are a formula, such as ΔΣ
# whose single letters are words; elsewhere they are formulas
_OF_ONE_LETTER = {"CJK", "KANA", "HANGUL", "BOPOMOFO"}


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a roadmap.

    Args:
        tag: as RFC 5646 has it.
        source: what has decided.
    """

    tag: str
    source: Literal["request", "topic", "accept-language", "default"]


def resolve(asked: str | None, texts: Sequence[str], accept_language: str) -> Language:
    """Decide.

    Args:
        asked: the request's own, if it names one, as `language_tag.canonical` gives it.
        texts: what the learner wrote, the topic first: the first one with a script that is not Latin decides.
        accept_language: the header; '' for none. What is malformed in it does not count.
    """
    if asked is not None:
        return Language(asked, "request")
    wanted = accepted(accept_language)
    for text in texts:
        if (script := _script(text, wanted)) is not None:
            return Language(_meant(script, text, wanted), "topic")
    return Language(wanted[0], "accept-language") if wanted else Language(DEFAULT, "default")


def _meant(script: str, text: str, wanted: Sequence[str]) -> str:
    """Of the languages that are written in this script, and with this text's letters, the reader's own or the usual one."""
    if script == "CJK" and wanted and language_tag.language_of(wanted[0]) == "ja":
        return wanted[0]  # Japanese has kana almost always: without any, it must be what is wanted most
    languages = _LANGUAGES[script]
    found = set(unicodedata.normalize("NFKC", text).lower())
    for of_script, letters, whose in _LETTERS:
        if of_script == script and not found.isdisjoint(letters):
            languages = whose
            break
    if "-" in languages[0]:
        return languages[0]  # a language that is usually written otherwise: its tag names the script
    return next((tag for tag in wanted if language_tag.language_of(tag) in languages), languages[0])


def accepted(header: str) -> Sequence[str]:
    """The tags of an Accept-Language, best first; those that are wanted equally in their order (RFC 9110, section 12.5.4)."""
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
            continue  # also `*`, which names none
        if quality and language_tag.plain(tag):  # neither a private one nor `und`
            wanted.append((quality, tag))
    return tuple(tag for _, tag in sorted(wanted, key=lambda found: -found[0]))


_remembered = lru_cache(maxsize=256)(_read)


def _quality(parameters: Sequence[str]) -> float:
    """How much it is wanted, 0 to 1; 0 also where that is malformed."""
    if not parameters:
        return 1.0
    name, _, value = parameters[0].partition("=")
    if len(parameters) > 1 or name.strip().lower() != "q" or not _QUALITY.fullmatch(value.strip()):
        return 0.0
    return float(value)


def _script(text: str, wanted: Sequence[str]) -> str | None:
    """The script, other than Latin, that most of its letters are of; None where it has none.

    Latin letters do not count however many there are: topics are full of names (`Rust 所有权`). A Greek letter by itself
    is mathematics, and two beside Latin ones are.
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
            letters["CJK"] += letters.pop("KANA")  # a の for its looks
        else:
            letters["KANA"] += letters.pop("CJK", 0)  # Japanese is written in both
    found = letters.most_common(1)
    return found[0][0] if found and found[0][1] else None


def _lettered(text: str) -> str:
    """Letters and their marks: of a sign such as 🈚 or ㈱ compatibility would make a letter that nobody has written."""
    return "".join(character if unicodedata.category(character)[0] in "LM" else " " for character in text)


def _runs(text: str) -> Iterator[tuple[str, int]]:
    """Letters of one script that stand together, and how many they are; marks belong to the letter before."""
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

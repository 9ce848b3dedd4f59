# ruff: noqa: RUF001 - Chinese has marks of its own
"""What an export says by itself, in the languages that we have words for; in any other it says it in English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Of one language; Markdown, in which nothing of these is special.

    Args:
        tutorial: a heading.
        resources: likewise.
        quiz: likewise.
        answer: before a quiz's answer.
        minutes: after a concept's summary, with room for their number.
        missing: of a part that is not written.
        failed: before the reason why it could not be.
        nothing: of a roadmap of which nothing is written.
        kinds: of resources.
    """

    tutorial: str
    resources: str
    quiz: str
    answer: str
    minutes: str
    missing: str
    failed: str
    nothing: str
    kinds: Mapping[str, str]


_KINDS = ("article", "video", "book", "course")
_ENGLISH = Words(
    "Tutorial",
    "Resources",
    "Quiz",
    "Answer: ",
    "({} min)",
    "Is not written yet.",
    "Could not be written: ",
    "Nothing is written yet.",
    dict(zip(_KINDS, _KINDS, strict=True)),
)
_SIMPLIFIED = Words(
    "教程",
    "资源",
    "测验",
    "答案：",
    "（{} 分钟）",
    "尚未生成。",
    "未能生成：",
    "尚未生成任何内容。",
    dict(zip(_KINDS, ("文章", "视频", "书籍", "课程"), strict=True)),
)
_TRADITIONAL = Words(
    "教學",
    "資源",
    "測驗",
    "答案：",
    "（{} 分鐘）",
    "尚未產生。",
    "未能產生：",
    "尚未產生任何內容。",
    dict(zip(_KINDS, ("文章", "影片", "書籍", "課程"), strict=True)),
)
_CHINESE = {"zh", "cmn"}
_TRADITIONAL_IN = {"hant", "tw", "hk", "mo"}


def words_of(language: str) -> Words:
    """For a roadmap in this language.

    Args:
        language: a tag of BCP 47.
    """
    first, *rest = language.lower().split("-")
    if first not in _CHINESE:
        return _ENGLISH
    return _TRADITIONAL if _TRADITIONAL_IN & set(rest) and "hans" not in rest else _SIMPLIFIED

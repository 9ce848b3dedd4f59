# ruff: noqa: RUF001 - Chinese has marks of its own
"""The fixed texts of an export, in the languages that we have; any other language gets English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.roadmaps.states import FAILED
from app.schemas.roadmap import Failure

_ANSWERED = re.compile(r"http_([0-9]{3})")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; Markdown, in which none of these characters is special.

    Args:
        tutorial: a heading.
        resources: likewise.
        quiz: likewise.
        answer: before a quiz's answer.
        minutes: after a concept's summary, with room for their number.
        missing: for a part that is not written.
        failed: before the reason of a failed part.
        nothing: for a roadmap without any written part.
        kinds: of resources.
        reasons: stored code -> why a part is missing; that of `http` has room for a status.
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
    reasons: Mapping[str, str] = field(default_factory=dict)

    def why(self, failure: Failure) -> str:
        """The reason of a failure in this language; if we have no words for it, the stored English text."""
        answered = _ANSWERED.fullmatch(failure.code)
        if answered is not None and "http" in self.reasons:
            return self.reasons["http"].format(answered[1])
        return self.reasons.get(failure.code, failure.message)


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
    {
        "http": "服务商返回了状态码 {}。",
        "timeout": "服务商未能及时响应。",
        "connection": "与服务商的连接中断。",
        "refused": "服务商拒绝撰写这部分内容。",
        "truncated": "服务商的回答因超出长度上限而被截断。",
        "malformed": "服务商的回答无法读取。",
        "wrong_schema": "服务商的回答不符合要求的格式。",
        "budget_spent": "当天（UTC）的预算已用完。",
        "interrupted": "每次尝试都被中断。",
        "invalid_framework": "课程大纲经过一次修改后仍不合理。",
        "attempts_used_up": "多次尝试均未成功，已放弃。",
        FAILED: "此步骤先前已失败。",
    },
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
    {
        "http": "服務商傳回了狀態碼 {}。",
        "timeout": "服務商未能及時回應。",
        "connection": "與服務商的連線中斷。",
        "refused": "服務商拒絕撰寫這部分內容。",
        "truncated": "服務商的回答因超出長度上限而被截斷。",
        "malformed": "服務商的回答無法讀取。",
        "wrong_schema": "服務商的回答不符合要求的格式。",
        "budget_spent": "當天（UTC）的預算已用完。",
        "interrupted": "每次嘗試都被中斷。",
        "invalid_framework": "課程大綱經過一次修改後仍不合理。",
        "attempts_used_up": "多次嘗試均未成功，已放棄。",
        FAILED: "此步驟先前已失敗。",
    },
)
_CHINESE = {"zh", "cmn"}
_TRADITIONAL_IN = {"hant", "tw", "hk", "mo"}


def words_of(language: str) -> Words:
    """The texts for a roadmap in this language.

    Args:
        language: a tag of BCP 47.
    """
    first, *rest = language.lower().split("-")
    if first not in _CHINESE:
        return _ENGLISH
    return _TRADITIONAL if _TRADITIONAL_IN & set(rest) and "hans" not in rest else _SIMPLIFIED

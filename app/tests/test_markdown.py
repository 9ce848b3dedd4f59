# ruff: noqa: RUF001 - Chinese has marks of its own
"""The export has everything that is written, and no text of the provider becomes another element."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from markdown_it import MarkdownIt

import app.roadmaps
from app.roadmaps.markdown import markdown
from app.schemas.roadmap import Failure, Part
from app.schemas.whole import ModuleContent, StageContent, WholeConcept, WholeRoadmap

PARTS = ("tutorial", "resources", "quiz")
TUTORIAL = {
    "title": "T",
    "sections": [{"heading": "First # of all", "body": "Some **bold** text.\n\n- a list"}],
}
RESOURCES = {
    "items": [
        {
            "title": "A [book]",
            "url": "https://x.example/a_(b)",
            "kind": "book",
            "reason": "Good\n# no heading",
        }
    ]
}
QUIZ = {
    "questions": [
        {"prompt": "What?", "choices": ["a", "b*", "c", "d"], "answer": 1, "explanation": "Because."}
    ]
}


def part(content=None, error=None):
    return Part(status="completed" if content else "failed", content=content, error=error)


def roadmap(*concepts, **more):
    stages = [StageContent(title="Stage", modules=[ModuleContent(title="Module", concepts=list(concepts))])]
    known = {
        "id": uuid4(),
        "status": "completed",
        "topic": "Rust",
        "language": "en",
        "created_at": datetime.now(UTC),
    }
    return WholeRoadmap(**known | {"title": "Learn <Rust>", "summary": "All of it.", "stages": stages} | more)


def concept(**parts):
    return WholeConcept(
        id="c1",
        name="n",
        title="Owner_ship",
        summary="Who frees.",
        prerequisites=[],
        estimated_minutes=40,
        **parts,
    )


def test_all_that_is_written_is_there():
    text = markdown(roadmap(concept(tutorial=part(TUTORIAL), resources=part(RESOURCES), quiz=part(QUIZ))))
    for line in (
        r"# Learn \<Rust\>",
        "## Stage",
        "### Module",
        r"#### Owner\_ship",
        r"###### First \# of all",
        "Some **bold** text.",
        r"- [A \[book\]](<https://x.example/a_(b)>) (book): Good \# no heading",
        "1. What?",
        r"   - B: b\*",
        "   Answer: B. Because.",
    ):
        assert line in text.split("\n"), text


def test_what_is_missing_is_said():
    failed = part(error=Failure(code="refused", message="The provider declined."))
    text = markdown(roadmap(concept(tutorial=failed, resources=Part(status="pending"), quiz=part(QUIZ))))
    assert "*Could not be written: The provider declined.*" in text
    assert "*Is not written yet.*" in text
    assert "*Nothing is written yet.*" in markdown(roadmap(stages=[], title=None, summary=None))


HOSTILE = [
    "<script>alert(1)</script>",
    "&lt;script&gt;",
    "# Big",
    "- a list",
    "+ a list",
    "7. a list",
    "7) a list",
    "---",
    "===",
    "```",
    "    code",
    "[a](javascript:alert(1))",
    "[a]: javascript:alert(1)",
    "![a](https://x.example/seen.png)",
    "a\n\n# Big",
    "a\u2028# Big",
    "| a |\n| --- |",
    r"\\<b>",
    "*",
    "**",
    "_a_ `b",
    "> quoted",
]
READERS = [MarkdownIt("commonmark", {"html": True}), MarkdownIt("gfm-like", {"html": True, "linkify": False})]


@pytest.mark.parametrize("reader", READERS, ids=["CommonMark", "GitHub"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_provider_becomes_another_element_than_it_is(text, reader):
    """With any texts the document has the right headings and links, no script, and everything after each text."""
    tutorial = {"title": text, "sections": [{"heading": text, "body": text}]}
    item = {"title": text, "url": "https://x.example/<b>?a=1&lt;=2", "kind": "book", "reason": text}
    question = {"prompt": text, "choices": [text + n for n in "abcd"], "answer": 1, "explanation": text}
    one = concept(
        tutorial=part(tutorial), resources=part({"items": [item]}), quiz=part({"questions": [question]})
    )
    one = one.model_copy(update={"title": text, "summary": text})
    stage = StageContent(title=text, modules=[ModuleContent(title=text, concepts=[one])])
    failure = Failure(code="x", message=text)
    document = markdown(roadmap(title=text, summary=text, stages=[stage, stage], topic=text))
    unwritten = markdown(roadmap(title=text, summary=text, stages=[], topic=text, error=failure))
    found = [token for outer in reader.parse(document) for token in (outer, *(outer.children or ()))]
    assert not {token.type for token in found} & {"html_block", "html_inline", "image"}
    wanted = ["h1", *["h2", "h3", "h4", "h5", "h6", "h5", "h5"] * 2]
    headings = [token.tag for token in found if token.type == "heading_open"]
    if text in {"# Big", "a\n\n# Big"}:  # headings of a tutorial's text, below all of ours
        wanted = ["h1", *["h2", "h3", "h4", "h5", "h6", "h6", "h5", "h5"] * 2]
    assert headings == wanted, document
    links = [token.attrs["href"] for token in found if token.type == "link_open"]
    ours = [link for link in links if link != "https://x.example/seen.png"]  # a tutorial may link to it
    assert ours == ["https://x.example/%3Cb%3E?a=1&lt;=2"] * 2
    kinds = {token.type for token in reader.parse(unwritten)}
    assert kinds == {"heading_open", "inline", "heading_close", "paragraph_open", "paragraph_close"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("##### Tutorial", "(40 min)", "(book)", "   Answer: B")),
        ("de", ("##### Tutorial", "(40 min)", "(book)", "   Answer: B")),
        ("zh", ("##### 教程", "（40 分钟）", "(书籍)", "   答案：B")),
        ("zh-CN", ("##### 教程", "##### 资源", "##### 测验")),
        ("zh-Hans-TW", ("##### 教程",)),
        ("zh-Hant", ("##### 教學", "（40 分鐘）", "(書籍)")),
        ("zh-TW", ("##### 教學",)),
    ],
)
def test_what_the_export_says_by_itself_is_in_the_roadmaps_language(language, words):
    parts = {"tutorial": part(TUTORIAL), "resources": part(RESOURCES), "quiz": part(QUIZ)}
    text = markdown(roadmap(concept(**parts), language=language))
    for word in words:
        assert word in text, text


CODES = sorted(
    {
        code
        for file in Path(app.roadmaps.__path__[0]).glob("*.py")
        for code in re.findall(r'(?:ProviderError\(|"code":)\s*"(\w+)"', file.read_text(encoding="utf-8"))
        if code != "concepts_failed"  # its roadmap has parts, and each has its own reason
    }
)


@pytest.mark.parametrize("language", ["zh", "zh-Hant"])
@pytest.mark.parametrize("code", [*CODES, "http_429", "failed"])
def test_why_something_is_missing_is_said_in_it_too(code, language):
    """For every known failure of a part or of the whole, a Chinese document has no English."""
    error = Failure(code=code, message="What was stored in English.")
    of_a_part = markdown(roadmap(concept(**dict.fromkeys(PARTS, part(error=error))), language=language))
    of_all = markdown(roadmap(stages=[], error=error, language=language))
    for text in (of_a_part, of_all):
        assert "English" not in text
        assert ("429" in text) is (code == "http_429")
    in_english = markdown(roadmap(stages=[], error=error))
    assert "*What was stored in English.*" in in_english


def test_the_codes_of_failures_are_found():
    assert {"timeout", "refused", "budget_spent", "attempts_used_up", "invalid_framework", "interrupted"} <= {
        *CODES
    }


def test_a_reason_that_we_have_no_words_for_is_said_as_it_is_stored():
    for code in ("of an earlier release", "http_", "http_429x", "http_{}"):
        error = Failure(code=code, message="Nobody <b> knows.")
        text = markdown(roadmap(stages=[], error=error, language="zh"))
        assert r"*Nobody \<b\> knows.*" in text


@pytest.mark.parametrize("language", ["zh", "zh-TW", "en"])
def test_what_is_missing_is_said_in_it_too(language):
    failed = part(error=Failure(code="refused", message="X."))
    one = concept(tutorial=failed, resources=Part(status="pending"), quiz=Part(status="pending"))
    texts = [markdown(roadmap(one, language=language)), markdown(roadmap(stages=[], language=language))]
    english = ["Could not be written", "Is not written yet", "Nothing is written yet"]
    assert any(word in text for text in texts for word in english) is (language == "en")

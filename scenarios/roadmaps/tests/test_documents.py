"""Every link of a document leads somewhere, and the index names every document."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from scenarios.roadmaps.application import ROOT


def documents() -> list[str]:
    """All of the repository but the customer's own text, which stays as it came; of a copy without git all that is not hidden."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    there = listed or [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.md"))]
    left_out = ("harness/tests/", "docs/guide.original.zh.md", ".")
    return [name for name in there if not name.startswith(left_out)]


DOCUMENTS = documents()
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def anchors(text):
    """As GitHub makes them of headings: small letters, no marks, a hyphen for each space."""
    found = []
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.append(f"{anchor}-{found.count(anchor)}" if anchor in found else anchor)
    return set(found)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(name):
    path = ROOT / name
    bad = []
    for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = path if not file else path.parent / file
        there = target.exists()
        if not there or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            bad.append(link)
    assert bad == []


CHINESE = [name for name in DOCUMENTS if name.endswith(".zh.md")]
OPENS = re.compile(r"\s*(?:[-*+] |\d+\. |[#|>]|<!--|```|$)")  # a line that goes on with nothing
ENDS = re.compile(r"\s*(?:[#|]|<!--|```|$)")  # one that nothing goes on with


def broken(text):
    """The numbers of the lines before which a paragraph is broken: a reader sees a space there, and Chinese has none."""
    found, fenced, before = [], False, ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith("```")
        if not fenced and not fence and not OPENS.match(line) and not ENDS.match(before):
            found.append(number)
        fenced ^= fence
        before = "```" if fenced else line
    return found


@pytest.mark.parametrize("name", CHINESE)
def test_a_chinese_paragraph_is_one_line(name):
    assert broken((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("第一句，\n还在继续。", [2]),
        ("- 第一项，\n  还在继续。", [2]),
        ("1. 第一步\n2. 第二步\n\n   ```sh\n   a\n   b\n   ```\n3. 第三步", []),
        ("# 标题\n正文。\n\n| 甲 | 乙 |\n| --- | --- |\n正文。\n```sh\na\nb\n```\n正文。", []),
    ],
)
def test_a_break_within_a_paragraph_is_found(text, lines):
    assert broken(text) == lines


def test_the_index_names_every_document():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    there = {Path(name).relative_to("docs").parts[0] for name in DOCUMENTS if name.startswith("docs/")} - {
        "README.md"
    }
    assert {name for name in there if f"({name}" not in index} == set()

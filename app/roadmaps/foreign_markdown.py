"""Markdown that a provider has written, so that it stays in its place: a part of our document, in whichever program that is shown.

A text may carry HTML, addresses that run a script, images that tell somebody who reads, references and headings of the whole document, and
fences that swallow what follows. All of these become text. A block of code is written anew, at the beginning of the line and with an end of its
own, so that what we take for code is code for whoever reads it next; on a line of text the same is true of what stands between backticks.
By CommonMark 0.31 and GitHub's tables.
"""

import re
from collections.abc import Iterator

TAB = 4  # columns; as many spaces before a line make it code, or go on with a paragraph
_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"([ \t]*)(`{3,}(?=[^`]*$)|~{3,})(.*)")
_LANGUAGE = re.compile(r"[ \t]*([A-Za-z0-9+#._-]{1,30})")
_CONTAINERS = r"[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t][ \t>]*)*"
_HEADING = re.compile(rf"\A({_CONTAINERS})#{{1,6}}(?=[ \t]|$)")
_UNDERLINE = re.compile(r"[ \t>]*(=+|-+)[ \t]*")
_REFERENCE = re.compile(rf"\A({_CONTAINERS})\[(?![^\]]*\]\(https?://)")
_MARK = re.compile(r"\\.|`+|<|!(?=\[)|\](?=:)|\](?=\()|\{", re.DOTALL)
_KEPT_LINK = re.compile(r"\]\([ \t]*https?://", re.IGNORECASE)
LEVEL = "######"  # of a heading in a text: below all of ours


def tamed(text: str) -> str:
    """The text without what would reach beyond it.

    Args:
        text: Markdown, or whatever else has come.

    Returns:
        Markdown of the same words that ends each block it begins.
    """
    blocks = _blocks(_LINE_END.split(text))
    return "\n".join(line for block in blocks for line in block).strip("\n")


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Lines of text one by one, blocks of code as a whole."""
    before = ""
    left = iter(lines)
    for line in left:
        if (opening := _FENCE.fullmatch(line)) is not None:
            yield ["", *_code(opening, left), ""]
            before = ""
        else:
            made = _text(line, before)
            yield made
            before = made[-1]


def _code(opening: re.Match[str], left: Iterator[str]) -> list[str]:
    """The block up to its end, or to that of the text."""
    indent, fence = len(opening[1].expandtabs(TAB)), opening[2]
    closing = re.compile(rf"[ \t]{{0,{indent + TAB - 1}}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*")
    content = []
    for line in left:
        if closing.fullmatch(line):
            break
        content.append(_dedented(line, indent))
    longest = max((len(run) for line in content for run in re.findall("`+", line)), default=0)
    own = "`" * max(3, longest + 1)
    language = _LANGUAGE.match(opening[3])
    return [own + (language[1] if language else ""), *content, own]


def _dedented(line: str, most: int) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, most) :]


def _text(line: str, before: str) -> list[str]:
    if (underline := _UNDERLINE.fullmatch(line)) is not None:
        # Below a line of text it would make that a heading; of hyphens, with nothing above, it is a rule.
        return [line.replace("=", r"\=", 1)] if underline[1][0] == "=" else [*([""] if before else []), line]
    line = _HEADING.sub(rf"\1{LEVEL}", line, count=1)
    line = _REFERENCE.sub(r"\1&#91;", line, count=1)
    return [_inline(line)]


def _inline(line: str) -> str:
    made, position = [], 0
    while (found := _MARK.search(line, position)) is not None:
        made.append(line[position : found.start()])
        position, mark = found.end(), found[0]
        if mark[0] == "`":
            code = _code_span(line, found.start(), mark)
            made.append(code or "&#96;" * len(mark))
            position = found.start() + len(code or mark)
        else:
            made.append(_neutral(mark, line, found.start()))
    return "".join([*made, line[position:]])


def _neutral(mark: str, line: str, start: int) -> str:
    if mark[0] == "\\" or (mark == "]" and _KEPT_LINK.match(line, start)):
        return mark
    return "&lt;" if mark == "<" else f"&#{ord(mark)};"


def _code_span(line: str, start: int, run: str) -> str:
    """What stands between two equal runs of backticks on one line, with them; empty where the second one is not there.

    A table ends its cells before it looks for backticks: one with a vertical bar may be cut in two.
    """
    closing = re.compile(rf"(?<!`){run}(?!`)").search(line, start + len(run))
    if closing is None or "|" in line[start : closing.end()]:
        return ""
    return line[start : closing.end()]

"""Makes a provider's Markdown safe, so that it stays a part of our document in whichever program shows it.

A text may contain HTML, addresses that run a script, images that track readers, references and headings of the whole document, and
fences that swallow the text after them. All of these become plain text. A block of code is written again, at the beginning of the
line and with its own end, so that every later program takes the same lines for code; the same holds for text between backticks.
By CommonMark 0.31 and GitHub's tables.
"""

import re
from collections.abc import Iterator

TAB = 4  # columns; so many spaces before a line make it code, or continue a paragraph
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
    """The text without anything that would affect the rest of the document.

    Args:
        text: Markdown, or any other text.

    Returns:
        Markdown with the same words that ends each block that it begins.
    """
    blocks = _blocks(_LINE_END.split(text))
    return "\n".join(line for block in blocks for line in block).strip("\n")


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines of text one by one, and blocks of code as a whole."""
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
    """The block up to its end, or up to the end of the text."""
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
        # Below a line of text it would make that line a heading; hyphens with nothing above are a rule.
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
    """The text between two equal runs of backticks on one line, with the backticks; empty if the second run is missing.

    A table splits its cells before it looks for backticks: a span with a vertical bar may be cut in two.
    """
    closing = re.compile(rf"(?<!`){run}(?!`)").search(line, start + len(run))
    if closing is None or "|" in line[start : closing.end()]:
        return ""
    return line[start : closing.end()]

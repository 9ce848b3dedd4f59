"""A provider's text stays text within our document, judged by a CommonMark parser with all extensions."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.roadmaps.foreign_markdown import tamed

ENDING = "###### The end"
READERS = [MarkdownIt("commonmark", {"html": True}), MarkdownIt("gfm-like", {"html": True, "linkify": False})]
for reader in READERS:
    reader.validateLink = lambda _url: True  # this parser's own filter of links, which other parsers lack
SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    SCRIPT,
    f"a {SCRIPT}",
    "<img src=x onerror=alert(1)>",
    "<!-- never ended",
    "<![CDATA[ never ended",
    "<?php never ended",
    "<!DOCTYPE x",
    "<pre>",
    "<javascript:alert(1)>",
    "<https://x.example>",
    rf"\{SCRIPT}",
    rf"\\{SCRIPT}",
    rf"`a\` {SCRIPT} `",
    rf"\`{SCRIPT}`",
    rf"\``{SCRIPT}` {SCRIPT}``",
    f"`\n{SCRIPT}\n`",
    f"# a ` b\n{SCRIPT} ` c",
    f"- ` a\n- {SCRIPT} `",
    f"a ` b\n` {SCRIPT} ` c",
    f"| ` | {SCRIPT} ` |\n| --- | --- |\n| ` | {SCRIPT} ` |",
    "```\nnever ended",
    "~~~ `\nnever ended",
    "````\n```\nnever ended",
    f"```\na\n    ```\n{SCRIPT}\n```\n{SCRIPT}",
    f" ```\na\n```\n{SCRIPT}",
    f"- a\n\n  ```\n{SCRIPT}\n```\n{SCRIPT}",
    f"- ```\n{SCRIPT}\n- {SCRIPT}",
    f"> ```\n{SCRIPT}",
    f"> ```\n> a\n> ```\n{SCRIPT}",
    f"1. ~~~\n{SCRIPT}",
    f"a\n    ```\n{SCRIPT}",
    f"\t```\n{SCRIPT}\n\t```\n{SCRIPT}",
    f"``` a`b\n{SCRIPT}",
    f"```\r{SCRIPT}\r```\r{SCRIPT}",
    f"```\x0b\n{SCRIPT}\n```\n{SCRIPT}",
    f"\u00a0```\n{SCRIPT}\n```\n{SCRIPT}",
    f"\u2028```\n{SCRIPT}",
    "[a](javascript:alert(1))",
    "[a]( javascript:alert(1))",
    "[a](\njavascript:alert(1))",
    "[a](java&#115;cript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a](data:text/html;base64,x)",
    "[a](vbscript:x)",
    r"[a\](javascript:alert(1))",
    r"[a\\](javascript:alert(1))",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a`]: javascript:alert(1) `\n\n[a`]",
    "[a\nb]: javascript:alert(1)\n\n[a b]",
    "[a\nb`]: javascript:alert(1) `\n\n[a b`]",
    "> [a]: javascript:alert(1)\n\n[a]",
    "- - [a]: javascript:alert(1)\n\n[a]",
    "[a]:\njavascript:alert(1)\n\n[a]",
    "[The end]: https://x.example",
    "![a](https://x.example/seen.png)",
    "![a][b]\n\n[b]: https://x.example/seen.png",
    "[![a](https://x.example/seen.png)](https://x.example)",
    "# Big",
    " ## Big",
    "> # Big",
    "- # Big",
    "1. - # Big",
    "#",
    "Big\n===",
    "Big\n---",
    "Big\n  -  ",
    "- Big\n  ===",
    "> Big\n> ---",
    "Big\n   =",
    '[a](https://x.example){onclick="alert(1)"}',
]


def tokens(reader, text):
    for token in reader.parse(text):
        yield token
        yield from token.children or ()


def judge(text):
    """The text is nothing but text, code, lists, quotations, tables, and links to pages."""
    document = f"###### Before\n\n{tamed(text)}\n\n{ENDING}\n"
    for reader in READERS:
        found = list(tokens(reader, document))
        kinds = {token.type for token in found}
        assert not kinds & {"html_block", "html_inline", "image"}, document
        assert {token.tag for token in found if token.type == "heading_open"} == {"h6"}, document
        links = [token.attrs["href"] for token in found if token.type == "link_open"]
        assert all(link.lower().startswith(("https://", "http://")) for link in links), document
        assert found[-1].type == "heading_close", document
        assert [token.content for token in found if token.type == "inline"][-1] == "The end", document


def test_the_judge_sees_what_is_not_tamed(monkeypatch):
    monkeypatch.setattr(f"{__name__}.tamed", lambda text: text)
    for text in (SCRIPT, "```\nnever ended", "[a](javascript:alert(1))", "# Big", "![a](https://x.example)"):
        with pytest.raises(AssertionError):
            judge(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_reach_beyond_the_text_is_text(text):
    judge(text)
    judge(f"First.\n\n{text}")
    judge(f"{text}\n\n{text}")
    assert tamed(tamed(text)).strip()


MARKS = [*"<>a()[]:!|\\={_*\"'`", "``", "```", "~~~", "---", "<b>", "</b>", "<!--", "](", "]:", "[a]", "&lt;"]
SPACES = ["\n", "\n\n", "\r", "\t", " ", "    ", "- ", "> ", "1. ", "# "]
PIECES = st.sampled_from([*MARKS, *SPACES, "javascript:x", "https://x.example"])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_whatever_they_are_put_together_to(pieces):
    judge("".join(pieces))


def test_pieces_of_hostile_texts_are_put_together_in_any_order():
    dealt = random.Random(24)  # noqa: S311 - no secret
    for _ in range(400):
        lines = [line for text in dealt.choices(HOSTILE, k=3) for line in text.split("\n")]
        dealt.shuffle(lines)
        judge("\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "Some **bold** text, *so*, and `Vec<T>`.\n\n- a list\n- of two\n\n1. one\n2. two",
        "```rust\nlet a: Vec<u8> = vec![];\n# no heading\n```",
        'See [the book](https://doc.example/a_(b)) and [another](http://x.example "t").',
        "| a | b |\n| --- | --- |\n| `x` | y |",
        "> quoted\n\n***\n\nAnd ``a ` b``.",
        "a < b, 2 ** 3, a[0] and f(x)".replace("<", "&lt;"),
    ],
)
def test_what_tutorials_are_made_of_stays(text):
    assert tamed(text) == text


LONG = [
    "-  ",
    "- ",
    "> ",
    "1.  ",
    "`",
    "` ",
    "`|",
    "`` ` ",
    "```\n",
    "~~~ ",
    "](",
    "](  ",
    "[",
    "![",
    "<",
    "=",
    "\\",
    "#",
]


@pytest.mark.parametrize("unit", [*LONG, "- #", "-  [", "[a](https://", " ", "\t", "`a`", "{"])
def test_a_long_text_takes_no_longer_than_its_length_says(unit):
    """A topic's author may provoke a text on which a careless pattern never ends."""

    def taken(characters):
        began = time.process_time()
        for end in ("", "[", "#", "x", "`", "\n"):
            tamed(unit * (characters // len(unit)) + end)
        return time.process_time() - began

    assert taken(40_000) < 200 * max(taken(4_000), 0.001)  # quadratic work takes a hundred times as long


def test_code_keeps_its_words():
    text = "1. Do:\n\n   ```sh\n   # no heading\n   echo '<b>' ```x\n   ```\n\n2. Done."
    made = tamed(text)
    assert "````sh\n# no heading\necho '<b>' ```x\n````" in made

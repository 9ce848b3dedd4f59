"""The frame of every page: its style and scripts are inlined, so that it needs no other file."""

from html import escape
from pathlib import Path

from harness.load.judgement import Grade

STYLE = Path(__file__).with_name("style.css")
# uPlot 1.6.32 (MIT), as it is published: small, fast, and for lines over an axis.
UPLOT_STYLE = Path(__file__).with_name("uPlot.min.css")
SCRIPTS = (Path(__file__).with_name("uPlot.min.js"), Path(__file__).with_name("plot.js"))
SIGNS = {
    Grade.PASS: "✓",
    Grade.FAIL: "✗",
    Grade.INCONCLUSIVE: "?",
    Grade.INVALID: "∅",
    Grade.NOT_JUDGED: "·",
}


def document(title: str, body: str) -> str:
    """One HTML document.

    Args:
        title: as text.
        body: as HTML.
    """
    scripts = "".join(f"<script>{path.read_text(encoding='utf-8')}</script>" for path in SCRIPTS)
    styles = "".join(path.read_text(encoding="utf-8") for path in (UPLOT_STYLE, STYLE))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{styles}</style></head>"
        f"<body><main>{body}</main>{scripts}</body></html>\n"
    )

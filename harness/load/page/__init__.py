"""The report as one page that needs nothing else: no script, no font, no picture from anywhere."""

from harness.load.page.page import page

__all__ = ["page"]

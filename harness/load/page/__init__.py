"""The report as one page that needs nothing else: no script, font or picture from another place."""

from harness.load.page.page import page

__all__ = ["page"]

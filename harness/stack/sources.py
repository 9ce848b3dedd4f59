"""What a stack's roles run, as far as it is ours."""

from harness.base.run import ROOT

SOURCES = ("app", "deploy", "scripts")


def sources_changed_at() -> float:
    """When what roles run was last changed, seconds since 1970."""
    files = (path for folder in SOURCES for path in (ROOT / folder).rglob("*.*") if path.suffix != ".pyc")
    return max(path.stat().st_mtime for path in files)

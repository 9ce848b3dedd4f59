"""The application's own sources that a stack's roles run."""

from harness.application import App


def sources_changed_at(app: App) -> float:
    """When these sources were last changed, in seconds since 1970; 0 where the application does not declare them.

    Args:
        app: whose roles.
    """
    files = (path for pattern in app.sources for path in app.root.glob(pattern))
    return max(
        (path.stat().st_mtime for path in files if path.is_file() and path.suffix != ".pyc"), default=0.0
    )

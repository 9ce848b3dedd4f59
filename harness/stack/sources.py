"""What a stack's roles run, as far as it is the application's."""

from harness.application import App


def sources_changed_at(app: App) -> float:
    """When what roles run was last changed, seconds since 1970; 0 where the application does not say what that is.

    Args:
        app: whose roles.
    """
    files = (path for pattern in app.sources for path in app.root.glob(pattern))
    return max(
        (path.stat().st_mtime for path in files if path.is_file() and path.suffix != ".pyc"), default=0.0
    )

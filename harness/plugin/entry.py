"""The plugin that pytest finds by itself where the harness is installed. It does nothing unless pyproject.toml has `[tool.harness]`.

It imports almost nothing, because it is imported at each start of pytest in such an environment.
"""

from pathlib import Path

import pytest

from harness.base import project

HOOKS = "harness.plugin.hooks"
PROMISES = "harness.experiments.trial.pytest_promises"


def speaks_of_us(folder: Path) -> bool:
    """Whether the nearest project, from a folder upwards, has `[tool.harness]`.

    Args:
        folder: where pytest was started.
    """
    for one in (folder, *folder.parents):
        if (one / project.FILE).exists():
            try:
                return project.settings(one) is not None
            except ValueError:
                return False
    return False


@pytest.hookimpl(tryfirst=True)
def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the rest of the plugin where the project uses it."""
    del parser
    if speaks_of_us(Path.cwd()):
        for name in (HOOKS, PROMISES):
            if not pluginmanager.is_blocked(name):
                pluginmanager.import_plugin(name)

"""One project for all scenarios of this folder; they run only where `-m compose` asks for them."""

import pytest

from harness.base.cache import cache_folder, exclusively
from harness.substrates.doctor import compose_version
from scenarios.compose.project import Project

MARKER = "compose"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if MARKER in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker(MARKER)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def project(tmp_path_factory, pytestconfig):
    """A project that is not started. What an earlier run has left is removed first, and everything at the end."""
    if not compose_version():
        reason = "there is no Docker Compose; .ci/engine installs it"
        (pytest.fail if pytestconfig.getoption("--require-docker") else pytest.skip)(reason)
    made = Project(tmp_path_factory.mktemp("compose") / "checkout")
    with exclusively(cache_folder() / made.name):
        made.bash("make --silent .env")
        made.down()
        try:
            yield made
        finally:
            made.down()
            made.close()

"""The harness as an adopter installs it, once for all tests of a process."""

from pathlib import Path

import pytest

from harness.tests.environments import PROJECT, environment_in, wheel_in


@pytest.fixture(scope="session")
def harness(tmp_path_factory) -> Path:
    """The command, from the wheel, in an environment of its own."""
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [*PROJECT["project"]["dependencies"], *extras["embedded"], *extras["providers"]]
    folder = tmp_path_factory.mktemp("harness")
    return environment_in(folder, needed, wheel_in(tmp_path_factory.mktemp("wheel"))) / "bin/harness"

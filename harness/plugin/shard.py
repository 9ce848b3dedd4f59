"""`--shard 2/4`: the second of four parts of a run, which take equally long by the recorded timings."""

import pytest

from harness.base.shard import shard

# Pytest-split's algorithm: the longest test first, each to the part with the least work.
ALGORITHM = "least_duration"


def add_option(group: pytest.OptionGroup) -> None:
    """Add the option.

    Args:
        group: where it is shown.
    """
    group.addoption(
        "--shard",
        metavar="K/N",
        default="",
        help="run the K-th of N parts, which take equally long by the timings that --store-durations has recorded",
    )


def choose(config: pytest.Config) -> None:
    """Tell pytest-split what the option asks for; it must not be configured yet.

    Args:
        config: pytest's.

    Raises:
        pytest.UsageError: there is no such part, or pytest-split is not installed.
    """
    chosen = config.getoption("--shard")
    if not chosen:
        return
    try:
        part, parts = shard(chosen)
    except ValueError as error:
        raise pytest.UsageError(f"--shard {error}") from None
    if not config.pluginmanager.hasplugin("pytest-split"):
        raise pytest.UsageError("--shard: pytest-split is not installed")
    config.option.group, config.option.splits = part, parts
    config.option.splitting_algorithm = ALGORITHM

"""What a stack holds is counted of that stack, and of no other that shares its servers."""

from types import SimpleNamespace

import pytest

from harness.system.resource_sample import _clients


@pytest.mark.parametrize(
    ("urls", "held"),
    [
        (["redis://h:1/4"], 2),
        (["redis://h:1/4", "redis://h:1/5"], 3),
        (["redis://h:1"], 1),
        (["redis://h:1/9"], 0),
    ],
)
def test_clients_of_other_databases_are_other_stacks(urls, held):
    redis = SimpleNamespace(client_list=lambda: [{"db": number} for number in ("0", "4", "4", "5")])
    assert _clients(SimpleNamespace(redis_urls=urls, redis=redis)) == held

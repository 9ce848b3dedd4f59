"""A row is what the application declares; one without limits is nothing that a verdict could hold anything against."""

import pytest

from harness.application import DeclarationError, Tier
from harness.load.rows import rows_of

CONCURRENCY = {"web": 2, "packer": 1}


def test_a_row_knows_its_processes_and_who_consumes_what():
    tier = Tier(name="small", concurrency=CONCURRENCY, database_pool_size=5, memory_mb=512)
    row = rows_of({"small": tier}, {"packer": ("parcels",)})["small"]
    assert row.processes == CONCURRENCY
    assert row.queues == {"web": (), "packer": ("parcels",)}
    assert (row.pool_size, row.memory_mb, row.cpus) == (5, 512, None)


@pytest.mark.parametrize("missing", ["database_pool_size", "memory_mb"])
def test_a_row_without_limits_is_refused(missing):
    limits = {"database_pool_size": 5, "memory_mb": 512} | {missing: None}
    tier = Tier(name="small", concurrency=CONCURRENCY, **limits)
    with pytest.raises(DeclarationError, match="tier small has no limits"):
        rows_of({"small": tier}, {})


def test_no_tiers_have_no_rows():
    assert rows_of({}, {}) == {}

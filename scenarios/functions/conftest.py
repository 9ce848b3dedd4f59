"""One PostgreSQL for all tests of the session that call the product's functions in their own process."""

from collections.abc import AsyncIterator, Iterator

import pytest

from scenarios.functions.product import Product, database


@pytest.fixture(scope="session")
def functions_database(worker_id: str) -> Iterator[str]:
    with database("functions" if worker_id == "master" else f"functions-{worker_id}") as url:
        yield url


@pytest.fixture
async def product(functions_database: str) -> AsyncIterator[Product]:
    """The product's functions on an empty database, with a content worker's settings; nothing else runs."""
    made = Product.on(functions_database)
    await made.empty()
    yield made
    await made.engine.dispose()

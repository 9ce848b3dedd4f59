"""One PostgreSQL with one engine, for all tests that call the product's functions in their own process.

One engine needs one event loop. SQLAlchemy compiles each statement once instead of for each of hundreds of tests, which took most of
their time.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from scenarios.functions.product import Product, database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def functions_database(worker_id: str) -> Iterator[str]:
    with database("functions" if worker_id == "master" else f"functions-{worker_id}") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def functions(functions_database: str) -> AsyncIterator[Product]:
    made = Product.on(functions_database)
    yield made
    await made.engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def product(functions: Product) -> Product:
    """The product's functions on an empty database, with a content worker's settings; no role runs."""
    await functions.empty()
    return Product(functions.settings, functions.engine)

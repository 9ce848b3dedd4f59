"""Make the tables."""

import asyncio
from pathlib import Path

from shop.database import connected


async def main() -> None:
    """All of them."""
    async with connected() as database:
        await database.execute(Path(__file__).with_name("schema.sql").read_text())


if __name__ == "__main__":
    asyncio.run(main())

"""Brings the tables into a database."""

import asyncio
from pathlib import Path

import asyncpg

from jobs.settings import DATABASE_URL, DEFECT


async def main() -> None:
    """Bring them."""
    connection = await asyncpg.connect(DATABASE_URL)
    try:
        if DEFECT == "migration":
            await connection.execute("UPDATE jobs SET attempts = 0 WHERE attempts IS NULL")
        await connection.execute(Path(__file__).with_name("schema.sql").read_text())
    finally:
        await connection.close()


if __name__ == "__main__":
    asyncio.run(main())

"""For administrators: the service at a glance."""

from fastapi import APIRouter, Depends

from app.api.dependencies import Held, administrator
from app.api.problems import Kind, documented
from app.roadmaps.overview import overview
from app.schemas.overview import Overview

router = APIRouter(
    prefix="/api/v1/admin",
    tags=["administration"],
    dependencies=[Depends(administrator)],
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.FORBIDDEN, Kind.UNAVAILABLE, Kind.INTERNAL),
)


@router.get("/overview", summary="The whole service at a glance")
async def read(held: Held) -> Overview:
    """Users, roadmaps, queues, workers, sweepers, and what the provider has cost."""
    async with held.engine.connect() as connection:
        return await overview(connection, held.redis, held.settings)

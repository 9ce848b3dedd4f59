"""For administrators: the service at a glance."""

from datetime import timedelta

from fastapi import APIRouter, Depends, Request

from app.api.dependencies import CurrentUser, Held, administrator
from app.api.problems import Kind, documented
from app.core import one_time, security_log
from app.core.client_address import client_address
from app.core.security_log import SecurityEvent
from app.models.one_time_tokens import INVITE
from app.roadmaps.overview import overview
from app.schemas.auth import Invitation
from app.schemas.overview import Overview

INVITATION_LIFE = timedelta(days=7)
router = APIRouter(
    prefix="/api/v1/admin",
    tags=["administration"],
    dependencies=[Depends(administrator)],
    responses=documented(Kind.NOT_AUTHENTICATED, Kind.FORBIDDEN, Kind.UNAVAILABLE, Kind.INTERNAL),
)


@router.get("/overview", summary="Read the service's key figures")
async def read(held: Held) -> Overview:
    """Users, roadmaps, queues, workers, sweepers, and what the provider has cost."""
    async with held.engine.connect() as connection:
        return await overview(connection, held.redis, held.settings)


@router.post("/invitations", summary="Let somebody register", status_code=201)
async def invite(user: CurrentUser, request: Request, held: Held) -> Invitation:
    """An invitation for one person, for a service whose registration is by invitation."""
    async with held.engine.begin() as connection:
        made = await one_time.issue(connection, INVITE, INVITATION_LIFE)
    security_log.note(SecurityEvent.INVITATION_MADE, user_id=user.id, address=client_address(request))
    return Invitation(invitation=made, expires_in=int(INVITATION_LIFE.total_seconds()))

"""What an administrator sees of the service."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.roadmaps import states
from app.schemas.example import AT, example
from app.schemas.provider_use import ProviderUse


class Queue(BaseModel):
    name: str
    waiting: int | None = Field(description="Messages in Redis; unknown while it is away")
    consumers: int = Field(description="Workers seen lately")
    oldest_waiting_seconds: float | None = Field(description="Age of the work that waits longest")
    stalled: bool = Field(description="Work waits, a slot is free, and no worker takes any")


class Worker(BaseModel):
    node: str
    queues: list[str]
    slots: int = Field(description="Tasks it can do at once")
    taken_at: datetime | None = Field(description="When it last took a message, or started")
    seen_at: datetime
    consuming: bool


class Sweeps(BaseModel):
    """What the sweepers have to do, and have done."""

    due: int = Field(description="Roadmaps and events that should have moved by now")
    republished: int = Field(description="Of roadmaps and events that are still there")


class Overview(BaseModel):
    """The service at a glance."""

    model_config = example(
        users=12,
        roadmaps={states.COMPLETED: 40, states.QUEUED: 1, states.RUNNING: 2},
        oldest_waiting_seconds=0.8,
        outbox=1,
        queues=[
            {
                "name": "content",
                "waiting": 1,
                "consumers": 1,
                "oldest_waiting_seconds": 0.8,
                "stalled": False,
            },
            {"name": "logs", "waiting": 0, "consumers": 1, "oldest_waiting_seconds": None, "stalled": False},
        ],
        workers=[
            {
                "node": "content@3f2a",
                "queues": ["content"],
                "slots": 2,
                "taken_at": AT,
                "seen_at": AT,
                "consuming": True,
            }
        ],
        sweeper={"due": 0, "republished": 3},
        provider={"calls": 1012, "prompt_tokens": 310_000, "completion_tokens": 820_000, "cost_usd": 0.5385},
    )

    users: int
    roadmaps: dict[str, int] = Field(description="By status")
    oldest_waiting_seconds: float | None = Field(
        description="Age of the oldest roadmap that nobody has claimed"
    )
    outbox: int = Field(description="Events on their way to the execution log")
    queues: list[Queue]
    workers: list[Worker]
    sweeper: Sweeps
    provider: ProviderUse

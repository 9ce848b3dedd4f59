"""The overview in Prometheus' format: gauges from the database, so that every API process gives the same figures."""

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from app.api.dependencies import Held
from app.api.problems import Kind, Problem
from app.roadmaps.overview import overview
from app.schemas.overview import Overview

router = APIRouter(tags=["health"], include_in_schema=False)


@router.get("/metrics", summary="Figures for Prometheus")
async def metrics(request: Request, held: Held) -> Response:
    """The service's figures, for clients with METRICS_TOKEN; without that setting the page does not exist."""
    token = held.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Problem(Kind.NOT_FOUND, "There is no such page.")
    async with held.engine.connect() as connection:
        found = await overview(connection, held.redis, held.settings)
    return Response(generate_latest(_registry(found)), media_type=CONTENT_TYPE_LATEST)


def _registry(found: Overview) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, description: str, value: float | None, **labels: str) -> None:
        if value is not None:
            made = known.setdefault(name, None) or Gauge(name, description, list(labels), registry=registry)
            known[name] = made
            (made.labels(**labels) if labels else made).set(value)

    known: dict[str, Gauge | None] = {}
    gauge("roadmap_users", "Accounts", found.users)
    for status, number in found.roadmaps.items():
        gauge("roadmap_requests", "Roadmaps by status", number, status=status)
    for queue in found.queues:
        gauge("roadmap_queue_waiting", "Messages in the broker", queue.waiting, queue=queue.name)
        gauge("roadmap_queue_consumers", "Workers seen lately", queue.consumers, queue=queue.name)
        gauge("roadmap_queue_stalled", "1 where nobody takes what waits", queue.stalled, queue=queue.name)
        age = queue.oldest_waiting_seconds or 0
        gauge("roadmap_queue_oldest_waiting_seconds", "Age of what waits longest", age, queue=queue.name)
    gauge(
        "roadmap_oldest_waiting_seconds",
        "Age of the oldest unclaimed roadmap",
        found.oldest_waiting_seconds or 0,
    )
    gauge("roadmap_outbox", "Events on their way to the execution log", found.outbox)
    gauge("roadmap_sweep_due", "What the sweepers have to do", found.sweeper.due)
    gauge("roadmap_provider_calls", "Calls to the provider", found.provider.calls)
    gauge("roadmap_provider_tokens", "Tokens paid for", found.provider.prompt_tokens, kind="prompt")
    gauge("roadmap_provider_tokens", "Tokens paid for", found.provider.completion_tokens, kind="completion")
    gauge("roadmap_provider_cost_usd", "At the prices of its time", found.provider.cost_usd)
    return registry

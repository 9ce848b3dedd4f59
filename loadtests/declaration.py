"""Declares the product's load test for the harness: its requests, its tables and its rows of the concurrency table."""

from app.roles import ROLES, unacked_key
from harness.deployment.declaration import read_tiers
from harness.load.declaration import Column, LoadTest
from harness.load.locust.demands import Demand
from harness.load.record import Row
from harness.load.rows import rows_of
from loadtests.idle import idle
from loadtests.mutants import API, CONTENT, LOGS, MUTANTS
from loadtests.pace import service, set_pace
from loadtests.traffic import HERE, TRAFFIC

_STAMPS = """
SELECT r.id, r.status, extract(epoch FROM r.created_at)::float8 AS created,
       extract(epoch FROM r.started_at)::float8 AS claimed, extract(epoch FROM r.ended_at)::float8 AS completed,
       l.logged, l.lag
FROM roadmap_requests r LEFT JOIN (
    SELECT request_id, extract(epoch FROM max(stored_at))::float8 AS logged,
           extract(epoch FROM max(stored_at - occurred_at))::float8 AS lag
    FROM execution_logs GROUP BY request_id
) l ON l.request_id = r.id
"""
_MAKING = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running
FROM roadmap_requests WHERE status IN ('queued', 'running')
"""
_PROGRESS = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'running') AS running,
       count(*) FILTER (WHERE ended_at IS NOT NULL) AS ended
FROM roadmap_requests
"""


def rows() -> dict[str, Row]:
    """The rows of the concurrency table, from what is deployed.

    They come from our application in scenarios/, which is imported late: a test of a URL does not need its packages.
    """
    counted = [role.service_type for role in ROLES.values() if role.concurrency]
    queues = {kind: role.queues for kind, role in ROLES.items()}
    return rows_of(read_tiers(TRAFFIC.root / "deploy", counted), queues)


def _requests(demand: Demand) -> float:
    """Requests of authors, who look some fifteen times at a roadmap of half a minute to two, and of readers: 720 pages an hour, a third of them two requests."""
    return 15 * demand.per_hour + 960 * demand.readers


LOAD_TEST = LoadTest(
    traffic=TRAFFIC,
    command="python -m loadtests",
    locustfile=HERE / "locustfile.py",
    assumption="The nominal load and the objectives are our assumption (loadtests/tiers.toml), not the guide's.",
    declared_rows=rows,
    rows_file="deploy/tiers.toml",
    columns=(
        Column(role=API, name="API", counts="processes", variable=ROLES[API].concurrency),
        Column(role=LOGS, name="logs", counts="slots", variable=ROLES[LOGS].concurrency),
        Column(role=CONTENT, name="content", counts="slots", variable=ROLES[CONTENT].concurrency),
    ),
    worker=CONTENT,
    one_at_a_time=(CONTENT,),
    taken=unacked_key(*ROLES[CONTENT].queues),
    pool_variable="DATABASE_POOL_SIZE",
    requests=("GET /api/v1/",),  # without signing up, which is slow on purpose (argon2)
    ended_well=TRAFFIC.ended_well,
    stamps=_STAMPS,
    making=_MAKING,
    progress=_PROGRESS,
    provider="openai",
    pace=set_pace,
    service=service,
    cpu_seconds_a_call=0.016,
    cpu_seconds_a_request=0.0045,  # 15.2 s for 3,415 requests, on two cores
    requests_an_hour=_requests,
    mutants=MUTANTS,
    idle=idle,
)

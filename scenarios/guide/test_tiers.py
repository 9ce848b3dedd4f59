"""The guide's table: a tier's variables give exactly so many processes."""

import pytest

from app.roles import ROLES
from harness import eventually
from scenarios.pools import children
from scenarios.roadmaps.application import app
from scenarios.roadmaps.services import API

pytestmark = [pytest.mark.e2e, pytest.mark.every_substrate]
TIERS = app.tiers


@pytest.mark.parametrize("tier", [pytest.param(name, marks=pytest.mark.stack(tier=name)) for name in TIERS])
def test_a_tier_is_so_many_processes(system, tier):
    """Each role has as many processes as its column of the tier's row says."""

    def started():
        """The API's processes since its last start; the API is ready as soon as the first of them is."""
        lines = [line.message for line in system.node(API).log.lines()]
        since = max(number for number, message in enumerate(lines) if message == ROLES["api"].banner)
        return {message for message in lines[since:] if message.startswith("Started server process")}

    wanted = TIERS[tier].concurrency
    eventually(lambda: len(started()) >= wanted["api"], timeout=60, what="every process of the API")
    assert {
        "api": len(started()),
        "celery_logs": len(children(system, "logs")),
        "celery_content": len(children(system, "content")),
    } == wanted

"""The checks of the product's evidence, beside those for any application. A new check is a file and a line here."""

from scenarios.roadmaps.checks.calls_logged import calls_logged
from scenarios.roadmaps.checks.drained import drained
from scenarios.roadmaps.checks.ends_agree import ends_agree
from scenarios.roadmaps.checks.events_stored import events_stored
from scenarios.roadmaps.checks.fences_monotone import fences_monotone
from scenarios.roadmaps.checks.nothing_doubled import nothing_doubled
from scenarios.roadmaps.checks.nothing_lost import nothing_lost
from scenarios.roadmaps.checks.one_roadmap import one_roadmap
from scenarios.roadmaps.checks.owner_obeyed import owner_obeyed
from scenarios.roadmaps.checks.provider_calls import provider_calls
from scenarios.roadmaps.checks.rows_as_written import rows_as_written
from scenarios.roadmaps.checks.usage import usage

CHECKS = (
    nothing_lost,
    nothing_doubled,
    one_roadmap,
    ends_agree,
    fences_monotone,
    events_stored,
    provider_calls,
    usage,
    drained,
    owner_obeyed,
    calls_logged,
    rows_as_written,
)

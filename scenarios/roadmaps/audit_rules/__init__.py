"""The rules for the product's deployment, beside those for any deployment on Railway. A new rule is a file and a line here."""

from harness.deployment.audit.rule import Rule
from scenarios.roadmaps.audit_rules.flower import FLOWER
from scenarios.roadmaps.audit_rules.guide import GUIDE
from scenarios.roadmaps.audit_rules.languages import LANGUAGES
from scenarios.roadmaps.audit_rules.queues import QUEUES
from scenarios.roadmaps.audit_rules.revisions import REVISIONS

RULES: tuple[Rule, ...] = (QUEUES, FLOWER, GUIDE, LANGUAGES, REVISIONS)

__all__ = ["RULES"]

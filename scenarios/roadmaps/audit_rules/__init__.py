"""What must hold of the product's deployment, beside what holds of any on Railway. A new rule is a file and a line here."""

from harness.deployment.audit.rule import Rule
from scenarios.roadmaps.audit_rules.flower import FLOWER
from scenarios.roadmaps.audit_rules.guide import GUIDE
from scenarios.roadmaps.audit_rules.queues import QUEUES

RULES: tuple[Rule, ...] = (QUEUES, FLOWER, GUIDE)

__all__ = ["RULES"]

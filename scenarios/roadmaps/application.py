"""The product, as the harness is told of it: the first application that adopts it, by the same seam as any other."""

from pathlib import Path

from harness.application import App
from harness.deployment.declaration import Deployment
from scenarios.roadmaps.audit_rules import RULES
from scenarios.roadmaps.program import PROGRAM

ROOT = Path(__file__).parents[2]
DEPLOYMENT = Deployment.load(ROOT, PROGRAM)

app = App(name="roadmaps", root=ROOT, roles={}, tiers=DEPLOYMENT.tiers, rules=RULES, program=PROGRAM)

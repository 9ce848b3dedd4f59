"""Our own client before the judge of any client: the whole product asks, and none of the eight sins is found."""

import json

import pytest

from harness import Killed
from harness.providers.judge.checks import CHECKS, Judge
from harness.providers.judge.client import NEVER, Client, Outcome
from harness.providers.openai.scenario import Scenario
from scenarios.roadmaps.services import CONTENT
from scenarios.settings import QUICK

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.nightly,
    pytest.mark.timeout(420),
    pytest.mark.stack(env={**QUICK, "OPENAI_TIMEOUT_SECONDS": "2"}),
]
PATIENCE = 60  # seconds for a roadmap, its retries among them


class Product(Client):
    """A roadmap is the work; its document, its topic and what it has cost are the answer."""

    def __init__(self, system):
        super().__init__()
        self._system = system
        self._account = system.api.sign_up()
        self._roadmaps = {}
        self._prompt = ""

    def start(self, prompt):
        self._prompt = prompt
        if prompt not in self._roadmaps:
            self._roadmaps[prompt] = self._account.create_roadmap(prompt)

    def wait(self, patience):
        roadmap = self._roadmaps[self._prompt]
        try:
            ended = roadmap.wait_until_ended(timeout=patience)
        except TimeoutError:
            return NEVER
        return Outcome(ended=True, whole=ended["status"] == "completed", text=json.dumps(roadmap.status()))

    def kill(self):
        with self._system.faults.inject(Killed(CONTENT)):
            pass
        return True


@pytest.mark.parametrize("check", CHECKS)
def test_our_own_client_has_none_of_the_eight_sins(system, check):
    """The product's client has none of the eight sins of a client of OpenAI."""
    judge = Judge(Product(system), system.openai, PATIENCE, usual=Scenario(unscripted="ours"))
    (verdict,) = judge.verdicts((check,))
    assert verdict.state == "holds", verdict.why

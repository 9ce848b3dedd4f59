"""A canary lives as long as it is waited for: a worker that is ready only at the end finds it."""

import celery
import pytest

from harness.application import Canary
from harness.base import pace
from harness.stack import readiness
from harness.stack.canary import DeclaredCanaries


@pytest.mark.parametrize("slower", ["1", "3"])
def test_a_canary_does_not_expire_before_it_is_given_up(monkeypatch, slower):
    sent, waited = [], []
    monkeypatch.setenv(pace.VARIABLE, slower)
    pace.factor.cache_clear()
    monkeypatch.setattr(celery.Celery, "send_task", lambda *_, **options: sent.append(options))
    monkeypatch.setattr(
        readiness, "eventually", lambda *_, timeout, **__: waited.append(timeout * pace.factor())
    )
    canaries = DeclaredCanaries("redis://127.0.0.1:9/0", ("parcels",), Canary(task="canary", back="SELECT 1"))
    readiness.consume([], canaries, None)
    monkeypatch.undo()
    pace.factor.cache_clear()
    assert sent[0]["expires"] >= waited[0]

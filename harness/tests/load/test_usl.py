"""The scalability law, held against curves whose parameters are known, and refused where it explains nothing."""

import pytest

from harness.load.across_tiers import across_tiers
from harness.load.judgement import Grade
from harness.load.usl import fit, usl
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up


def curve(number, contention, coherence, unit=100.0):
    return unit * number / (1 + contention * (number - 1) + coherence * number * (number - 1))


@pytest.mark.parametrize(("contention", "coherence"), [(0.0, 0.0), (0.05, 0.0), (0.02, 0.01), (0.3, 0.002)])
def test_known_parameters_are_found(contention, coherence):
    slots = [1, 2, 4, 8]
    found = fit(slots, [curve(n, contention, coherence) for n in slots])
    assert found.contention == pytest.approx(contention, abs=0.003)
    assert found.coherence == pytest.approx(coherence, abs=0.001)
    assert found.residual < 0.005
    assert found.largest == 8


def test_what_does_not_scale_so_has_a_large_residual():
    assert fit([1, 2, 4], [100.0, 350.0, 380.0]).residual > 0.05


def test_two_rows_are_explained_by_anything():
    with pytest.raises(ValueError, match="2 rows"):
        fit([1, 2, 2], [100.0, 190.0, 191.0])


def test_healthy_rows_are_explained_and_nothing_is_said_beyond_the_largest():
    runs = [made_up(tier) for tier in DEMANDS]
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    (sentence,) = usl(runs, verdicts, BAKERY).sentences
    assert sentence.grade is Grade.PASS
    assert "up to the 4 that were measured; nothing is said beyond" in sentence.said
    between = across_tiers(runs, verdicts, list(DEMANDS.values()), BAKERY)
    assert "usl" in [judgement.check for judgement in between]


def test_rows_that_are_not_theirs_are_left_out_and_then_there_are_too_few():
    runs = [made_up("small"), made_up("medium"), made_up("large").having(speed=0.0)]
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    assert usl(runs, verdicts, BAKERY).grade is Grade.NOT_JUDGED

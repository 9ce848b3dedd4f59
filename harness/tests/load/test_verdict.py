"""Each check is proved by a run that is wrong in exactly one way."""

from dataclasses import replace

import pytest

from harness.base.exits import Exit
from harness.load.checks.little import laws, little_error
from harness.load.judgement import Grade
from harness.load.mutants import counted_again
from harness.load.record import Run
from harness.load.verdict import exit_of, judge
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up


@pytest.fixture(scope="module")
def large():
    return made_up("large")


def verdict(run):
    return judge(run, DEMANDS[run.tier], BAKERY)


def changed(run, **changes):
    """The same run with something else in every replicate."""
    return run.having(replicates=tuple(replace(one, **changes) for one in run.replicates))


def said(found):
    return "\n".join(f"{f.about}: {f.grade} {f.said}" for j in found.judgements for f in j.sentences)


@pytest.mark.parametrize("tier", DEMANDS)
def test_a_healthy_row_passes_and_says_what_it_carries(tier):
    found = verdict(made_up(tier))
    assert found.exit is Exit.HOLDS, said(found)
    assert found.red == []
    assert found.carries.low > DEMANDS[tier].per_hour
    assert 4 < found.cost < 20  # the provider alone takes 4


@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("tier", ["medium", "large"])
def test_each_mutant_turns_exactly_its_check_red(tier, name):
    found = verdict(MUTANTS[name].recorded(made_up(tier)))
    assert found.red == [MUTANTS[name].red], said(found)
    assert found.exit is Exit.VIOLATED


def test_nothing_asked_for_is_invalid():
    empty = changed(made_up("small", replicates=1), jobs=(), requests=(), planned=0)
    assert verdict(empty).exit is Exit.INVALID
    assert verdict(empty.having(replicates=())).exit is Exit.INVALID
    assert exit_of([]) is Exit.INVALID


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"planned": 400}, "arrivals that were never sent"),
        ({"generator_cpu": 0.51}, "CPU of the generator"),
        ({"provider_cpu": 0.6}, "CPU of the scripted provider"),
        ({"calibration": (0.1, 0.17)}, "drift of this machine's speed"),
    ],
)
def test_a_run_that_says_nothing_is_invalid_and_neither_pass_nor_fail(large, changes, about):
    found = verdict(changed(large, **changes))
    assert found.exit is Exit.INVALID
    assert [f.about for f in found.of("valid").sentences if f.grade is Grade.INVALID] == [about]
    assert found.of("objectives").grade is Grade.NOT_JUDGED
    assert found.carries is None


def test_a_worker_that_was_lost_makes_the_run_invalid_by_name_even_if_nothing_else_is_missing(large):
    first, *others = large.replicates
    lost = replace(first, unplayed=("host_1a2b (host/4242)",))
    found = verdict(large.having(replicates=(lost, *others)))
    assert found.exit is Exit.INVALID
    assert "host_1a2b (host/4242) was lost" in said(found)


def test_a_generator_that_is_late_makes_the_run_invalid(large):
    late = changed(large, requests=large.replicates[0].requests)
    slow = next(r for r in large.replicates[0].requests if r.kind == BAKERY.traffic.from_intended)
    late = changed(late, requests=(*late.replicates[0].requests, replace(slow, kind="schedule lag")))
    found = verdict(late)
    assert found.exit is Exit.INVALID
    assert "schedule lag, p99" in said(found)


def test_probes_that_contradict_the_stamps_make_the_run_invalid(large):
    one = large.replicates[0]
    database, taken, messages = laws(large, BAKERY)
    assert all(little_error(one, law) < 0.1 for law in (database, taken, messages))
    blind = tuple(replace(sample, running=0) for sample in one.samples)
    assert little_error(replace(one, samples=blind), database) > 0.1
    assert little_error(replace(one, samples=()), database) is None


def test_the_broker_contradicts_a_database_that_agrees_with_itself(large):
    """Half of what the slots did was never written down: its own counts and stamps say the same, and the messages do not."""
    one = large.replicates[0]
    jobs = one.jobs[::2]
    counted = tuple(
        replace(again, taken=was.taken, messages=was.messages)
        for again, was in zip(counted_again(one.samples, list(jobs)), one.samples, strict=False)
    )
    lost = replace(one, jobs=jobs, planned=len(jobs), samples=counted)
    database, taken, _ = laws(large, BAKERY)
    assert little_error(lost, database) < 0.1
    assert little_error(lost, taken) > 0.5


def test_messages_that_were_sent_again_are_no_contradiction_and_missing_ones_are(large):
    one = large.replicates[0]
    _, _, messages = laws(large, BAKERY)
    for times, wrong in ((5, False), (0, True)):
        samples = tuple(
            replace(
                sample,
                messages={queue: times * n for queue, n in sample.messages.items()},
                taken=times * sample.taken,
            )
            for sample in one.samples
        )
        assert (little_error(replace(one, samples=samples), messages) > 0.1) == wrong


def test_too_few_orders_are_invalid_at_one_depth_and_enough_at_another():
    short = made_up("large", replicates=5, jobs=100)
    assert verdict(short).exit is Exit.INVALID
    assert verdict(made_up("large", depth="quick")).exit is Exit.HOLDS


def test_a_quick_check_does_not_judge_objectives():
    found = verdict(made_up("medium", depth="quick"))
    assert found.of("objectives").grade is Grade.NOT_JUDGED
    assert found.of("drain").grade is Grade.PASS


def test_one_replicate_cannot_decide_an_objective():
    found = verdict(made_up("large", replicates=1))
    assert found.exit is Exit.UNKNOWN
    assert "more replicates would decide" in said(found)


def test_lost_orders_fail_the_objectives_and_the_drain(large):
    def losing(one):
        gone = tuple(replace(job, completed=None, outcome="") for job in one.jobs[-30:])
        jobs = (*one.jobs[:-30], *gone)
        return replace(one, jobs=jobs, samples=counted_again(one.samples, jobs))

    found = verdict(large.having(replicates=tuple(map(losing, large.replicates))))
    assert found.exit is Exit.VIOLATED
    assert found.red == ["objectives", "drain"], said(found)


def test_connections_that_nobody_counted_are_not_within_their_budget(large):
    found = verdict(changed(large, samples=()))
    peaks = [
        f for f in found.of("budgets").sentences if "at their peak" in f.about and "memory" not in f.about
    ]
    assert [sentence.grade for sentence in peaks if "pools" not in sentence.about] == [Grade.NOT_JUDGED]


def test_a_slow_drain_fails(large):
    burst = large.replicates[-1]
    last = max(burst.jobs, key=lambda job: job.completed)
    taken = (last.completed - burst.began) * 0.4
    jobs = tuple(
        replace(job, claimed=job.claimed + taken, completed=job.completed + taken) if job is last else job
        for job in burst.jobs
    )
    late = large.having(
        replicates=(
            *large.replicates[:-1],
            replace(burst, jobs=jobs, samples=counted_again(burst.samples, jobs)),
        )
    )
    assert verdict(late).red == ["drain"]


def test_a_model_that_does_not_explain_the_run_recommends_nothing(large):
    """Every fifth order waits for something else than a slot."""

    def puzzling(one):
        jobs = tuple(
            replace(job, claimed=job.claimed + 2, completed=job.completed + 2)
            if n % 5 == 0 and one.profile != "burst"
            else job
            for n, job in enumerate(one.jobs)
        )
        return replace(one, jobs=jobs, samples=counted_again(one.samples, jobs))

    found = verdict(large.having(replicates=tuple(map(puzzling, large.replicates))))
    assert "model_fit" in found.red
    assert found.of("neighbour").grade is Grade.NOT_JUDGED


def test_an_api_row_beyond_this_machines_cores_is_modelled():
    found = verdict(made_up("large").having(cores=2))
    api = next(f for f in found.of("neighbour").sentences if f.about.startswith("web"))
    assert api.grade is Grade.NOT_JUDGED
    assert api.said.startswith("modelled")
    assert found.exit is Exit.HOLDS


def test_a_row_too_small_for_its_load_is_under_and_its_role_named():
    run = made_up("small")
    much = replace(DEMANDS["small"], per_hour=330)
    found = judge(run, much, BAKERY)
    row = found.of("neighbour").sentences[-1]
    assert row.grade is Grade.FAIL
    assert row.said == "UNDER: packer binds"


def test_a_row_whose_smaller_neighbour_would_do_is_over():
    little = replace(DEMANDS["medium"], per_hour=100)
    run = made_up("medium")
    assert judge(run, little, BAKERY).of("neighbour").sentences[-1].said.startswith("OVER")


def test_the_smaller_neighbour_is_the_row_with_fewer_slots_wherever_it_stands():
    rows = BAKERY.rows()
    backwards = replace(BAKERY, declared_rows=lambda: dict(reversed(rows.items())))
    little = replace(DEMANDS["medium"], per_hour=100)
    for test in (BAKERY, backwards):
        said = judge(made_up("medium"), little, test).of("neighbour").sentences[-1].said
        assert said.startswith("OVER: the smaller row would do")


def test_a_row_of_which_one_role_alone_is_too_large_is_imbalanced(large):
    row = verdict(large.having(cores=2)).of("neighbour").sentences[-1]
    assert row.grade is Grade.PASS
    assert row.said == "IMBALANCED: packer binds, while of mailer the smaller row has enough"


def test_a_client_alone_is_not_asked_for_what_it_cannot_see(large):
    found = verdict(large.having(roles=None, substrate="remote"))
    assert found.of("counts").grade is Grade.NOT_JUDGED
    assert found.of("neighbour").grade is Grade.NOT_JUDGED
    assert found.exit is Exit.HOLDS


def test_a_recorded_run_is_judged_the_same_after_reading_it_again(large, tmp_path):
    large.write(tmp_path)
    assert verdict(Run.read(tmp_path)) == verdict(large)

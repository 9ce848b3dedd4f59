"""What passed and should not have, and what failed or crashed on a sound run: one test for each way in which a verdict has been wrong."""

import json
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.base.exits import Exit
from harness.load import reports
from harness.load.across_tiers import across_tiers
from harness.load.build_record import replicate
from harness.load.cli import app, main
from harness.load.comparison import compare
from harness.load.coverage import coverage
from harness.load.judgement import Grade
from harness.load.locust.demands import Demands, TiersError
from harness.load.locust.recorder import new_histogram
from harness.load.mutants import counted_again
from harness.load.record import Requests
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up
from harness.tests.load.test_build_record import SEEN, SUMMARY

CLIENT = {"roles": None, "substrate": "remote", "depth": "client"}


def verdict(run):
    return judge(run, DEMANDS[run.tier], BAKERY)


def failing(run, every):
    """The same run, in which every so many-th order has failed, and fast."""

    def failed(one):
        jobs = [
            job if n % every else replace(job, outcome="burnt", completed=job.claimed + 0.001)
            for n, job in enumerate(one.jobs)
        ]
        return replace(one, jobs=tuple(jobs), samples=counted_again(one.samples, jobs))

    return run.having(replicates=tuple(map(failed, run.replicates)))


def as_client(run, profile="nominal"):
    """What a client has seen of the steady replicates: no stamps of a worker, no probes."""

    def seen(one):
        jobs = tuple(replace(job, claimed=None) for job in one.jobs)
        bare = {"samples": (), "cpu_seconds": {}, "calibration": None, "provider_cpu": None}
        return replace(one, profile=profile, jobs=jobs, **bare)

    return run.having(replicates=tuple(map(seen, run.steady())), **CLIENT)


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("every", [1, 5])
def test_failed_orders_fail_the_row_however_many_requests_went_well(depth, every):
    found = verdict(failing(made_up("large", depth=depth), every))
    assert found.exit is Exit.VIOLATED
    assert found.carries is None
    assert found.of("drain").grade is Grade.FAIL


def test_orders_that_failed_before_a_slot_took_them_fail_the_row_and_are_no_missing_stamps():
    def refused(one):
        jobs = [
            job if n % 5 else replace(job, outcome="burnt", claimed=None, completed=job.accepted + 0.001)
            for n, job in enumerate(one.jobs)
        ]
        return replace(one, jobs=tuple(jobs), samples=counted_again(one.samples, jobs))

    run = made_up("large")
    assert verdict(run.having(replicates=tuple(map(refused, run.replicates)))).exit is Exit.VIOLATED


def test_failing_fast_is_not_being_fast():
    run = failing(made_up("large"), 10)
    time = next(s for s in verdict(run).of("objectives").sentences if s.about == "time to order, p95")
    assert time.grade is not Grade.PASS


def test_a_quick_check_that_passes_does_not_say_that_the_table_holds(tmp_path):
    runs = [made_up(tier, depth="quick") for tier in DEMANDS]
    verdicts = [verdict(run) for run in runs]
    assert {found.exit for found in verdicts} == {Exit.HOLDS}
    text = reports.write(runs, verdicts, [], BAKERY, tmp_path).read_text()
    assert "The concurrency table holds" not in text
    assert "not judged: objectives, model_fit" in text
    assert "Not judged: objectives, model_fit" in (tmp_path / "report.md").read_text()


@pytest.mark.parametrize("profile", ["steps", "breakpoint"])
def test_a_client_whose_every_request_failed_does_not_pass(profile):
    def refused(one):
        jobs = tuple(replace(job, accepted=None, completed=None, outcome="") for job in one.jobs)
        requests = (
            replace(r, failures=r.failures if r.kind == "schedule lag" else made_up_count(r))
            for r in one.requests
        )
        return replace(one, jobs=jobs, requests=tuple(requests))

    run = as_client(made_up("large"), profile)
    run = run.having(replicates=tuple(map(refused, run.replicates)))
    assert verdict(run).exit is Exit.VIOLATED


def made_up_count(requests):
    from harness.load.locust.recorder import merged

    return merged([requests.histogram]).get_total_count()


@pytest.mark.parametrize("kind", ["GET /bakery/{id}/crumbs", "PUT /bakery/{id}", "POST /login"])
@pytest.mark.parametrize("depth", ["quick", "standard"])
def test_a_rare_kind_of_request_of_which_every_one_failed_is_not_hidden_among_many_others(depth, kind):
    histogram = new_histogram()
    for _ in range(5):
        histogram.record_value(8000)

    def with_rare(one):
        rare = Requests(
            kind=kind, phase=one.jobs[-1].phase, failures=5, histogram=histogram.encode().decode()
        )
        return replace(one, requests=(*one.requests, rare))

    run = made_up("large", depth=depth)
    found = verdict(run.having(replicates=tuple(map(with_rare, run.replicates))))
    assert found.exit is Exit.VIOLATED
    assert f"{kind}: requests that failed" in [s.about for s in found.of("objectives").sentences]


def test_one_request_of_many_that_failed_is_no_failure_of_its_kind():
    run = made_up("large")

    def with_one(one):
        first, *others = one.requests
        return replace(one, requests=(replace(first, failures=1), *others))

    assert verdict(run.having(replicates=tuple(map(with_one, run.replicates)))).exit is Exit.HOLDS


def test_a_part_of_a_burst_cannot_be_put_aside_as_its_warm_up():
    def aside(one):
        jobs = tuple(replace(job, phase="warm-up") if n % 2 else job for n, job in enumerate(one.jobs))
        return replace(one, jobs=jobs)

    run = made_up("large", depth="quick")
    found = verdict(run.having(replicates=tuple(map(aside, run.replicates))))
    assert found.exit is Exit.INVALID
    assert "a burst has none" in "".join(s.said for s in found.of("valid").sentences)


def test_probes_that_ended_early_have_not_seen_the_run():
    run = made_up("large")
    blind = run.having(replicates=tuple(replace(one, samples=one.samples[:40]) for one in run.replicates))
    said = [s.said for s in verdict(blind).of("valid").sentences if s.grade is Grade.INVALID]
    assert any("the probes did not look" in one for one in said)


def test_a_role_of_which_no_connection_was_counted_is_not_within_its_budget():
    run = made_up("large")

    def unnamed(one):
        samples = tuple(replace(sample, connections={"web": 2, "": 9}) for sample in one.samples)
        return replace(one, samples=samples)

    found = verdict(run.having(replicates=tuple(map(unnamed, run.replicates))))
    assert found.exit is Exit.INVALID
    assert "no connection of mailer, packer" in "".join(s.said for s in found.of("valid").sentences)


@pytest.mark.parametrize("client", [False, True], ids=["stack", "client"])
def test_what_holds_at_a_tenth_of_the_load_is_no_promise_kept(client):
    """As after `--rate 60`, or where the demand was raised after the run."""
    run = as_client(made_up("large")) if client else made_up("large")
    assert judge(run, DEMANDS["large"], BAKERY).exit is Exit.HOLDS
    found = judge(run, replace(DEMANDS["large"], per_hour=6000), BAKERY)
    assert found.exit is not Exit.HOLDS
    (load,) = [s for s in found.of("objectives").sentences if s.about == "load, orders an hour"]
    assert load.grade is Grade.INCONCLUSIVE
    assert "the promise is about 6000" in load.said


def test_an_api_that_nobody_browsed_keeps_no_promise_about_those_who_do():
    run = made_up("large")
    found = verdict(run.having(replicates=tuple(replace(one, readers=0) for one in run.replicates)))
    assert found.exit is Exit.UNKNOWN
    assert "0 browsed, and the promise is about 16" in [s.said for s in found.of("objectives").sentences]


def test_what_holds_at_more_than_the_load_is_a_promise_kept():
    found = judge(made_up("large"), replace(DEMANDS["large"], per_hour=300), BAKERY)
    assert found.of("objectives").grade is Grade.PASS


def test_that_a_run_was_valid_is_no_pass():
    run = as_client(made_up("large", replicates=1, jobs=60), "steps")
    few = run.replicates[0]
    few = replace(
        few, requests=tuple(r for r in few.requests if "GET" not in r.kind or r.phase == "nominal 1")
    )
    found = verdict(run.having(replicates=(few,)))
    assert found.exit is not Exit.HOLDS or "objectives" in found.judged


def test_what_a_client_cannot_see_is_named():
    found = verdict(as_client(made_up("large")))
    unseen = {s.about for s in found.of("valid").sentences if s.grade is Grade.NOT_JUDGED}
    assert unseen == {"drift of this machine's speed", "Little's law"}  # it has no scripted provider
    assert found.exit is Exit.HOLDS


def test_a_client_with_few_orders_a_part_is_not_sure_of_a_percentile():
    found = verdict(as_client(made_up("large", jobs=40)))
    assert found.exit is Exit.UNKNOWN
    assert any("it takes 100" in s.said for s in found.of("objectives").sentences)


def test_intervals_that_cover_the_truth_too_rarely_decide_nothing():
    few = made_up("small", jobs=20)
    assert coverage([few], [DEMANDS["small"]], BAKERY).grade is Grade.INCONCLUSIVE
    enough = made_up("large")
    assert coverage([enough], [DEMANDS["large"]], BAKERY).grade is Grade.PASS


def test_a_load_run_without_replicates_is_judged_and_reported(tmp_path):
    run = made_up("large").having(replicates=())
    found = verdict(run)
    between = across_tiers([run], [found], [DEMANDS["large"]], BAKERY)
    assert found.exit is Exit.INVALID
    assert reports.write([run], [found], between, BAKERY, tmp_path).exists()


def test_tiers_without_a_burst_are_not_held_against_each_other():
    runs = [as_client(made_up(tier)) for tier in DEMANDS]
    between = across_tiers(runs, [verdict(run) for run in runs], list(DEMANDS.values()), BAKERY)
    assert {judgement.grade for judgement in between} == {Grade.NOT_JUDGED}


def test_one_address_is_one_tier():
    done = invoke("check", "--url", "http://127.0.0.1:9")
    assert done.exit_code == 2
    assert "--tier" in done.output


def test_what_a_client_sees_at_its_first_look_is_not_when_a_slot_began():
    (job,) = replicate("nominal", SUMMARY, [SEEN], {}).jobs
    assert SEEN["running"]
    assert job.claimed is None
    assert verdict(as_client(made_up("large"))).of("model_fit").grade is Grade.NOT_JUDGED


def test_equal_runs_are_hardly_ever_different():
    """Two runs of the same tiers with nothing but other chances, twelve figures and more in each pair."""
    base = [made_up(tier) for tier in DEMANDS]
    wrong = 0
    for turn in range(8):
        other = [shuffled(run, turn) for run in base]
        wrong += any(d.worse or ", better" in d.said for d in compare(base, other, BAKERY))
    assert wrong == 0


def shuffled(run, turn):
    """Its replicates, each a little faster or slower by chance."""
    import random

    chance = random.Random(turn)  # noqa: S311 - no secret

    def moved(one):
        if one.profile == "burst":
            return one
        times = 1 + chance.gauss(0, 0.01)
        return replace(
            one, jobs=tuple(replace(j, completed=j.intended + times * j.seconds) for j in one.jobs)
        )

    return run.having(replicates=tuple(map(moved, run.replicates)))


def test_more_failures_and_a_slower_drain_are_worse():
    run = made_up("medium")
    said = {d.said.partition(":")[0] for d in compare([run], [failing(run, 10)], BAKERY) if d.worse}
    assert {"orders that failed", "drain"} <= said


@pytest.mark.parametrize("command", [("report",), ("compare",)])
def test_a_recorded_tier_that_is_unknown_now_is_a_sentence(tmp_path, command):
    made_up("large").having(tier="huge").write(tmp_path)
    done = invoke(*command, *[tmp_path] * (2 if command == ("compare",) else 1))
    assert done.exit_code == 2
    assert "'huge'" in done.output


def test_a_record_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "run.json").write_text('{"tier": ')
    done = invoke("report", tmp_path)
    assert done.exit_code == 2
    assert "cannot be read" in done.output


def test_a_mistake_in_the_tiers_file_is_a_sentence(tmp_path):
    (wrong := tmp_path / "orders.toml").write_text("[workload\ncalls = 5\n")
    with pytest.raises(TiersError, match=r"orders\.toml: "):
        Demands.read(wrong, noun="order", nouns="orders")
    with pytest.raises(TiersError, match=r"none\.toml"):
        Demands.read(tmp_path / "none.toml", noun="order", nouns="orders")


def test_a_crash_is_no_verdict(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bakery", "report"])
    monkeypatch.setattr(sys.modules["harness.load.cli.report"], "recorded", lambda *_: 1 / 0)
    with pytest.raises(SystemExit) as ended:
        main(BAKERY)
    assert ended.value.code == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_verdict_is_json_that_every_reader_can_read(tmp_path):
    run = made_up("large", replicates=1)
    reports.write([run], [verdict(run)], [], BAKERY, tmp_path)

    def refuse(name):
        raise AssertionError(name)

    document = json.loads((tmp_path / "verdict.json").read_text(), parse_constant=refuse)
    assert document["tiers"][0]["carries_per_hour"]["low"] is None


def test_a_burst_of_identical_calls_is_not_in_what_a_row_carries():
    run = made_up("large")

    def quick(one):
        jobs = tuple(
            replace(job, completed=job.claimed + (job.completed - job.claimed) / 3) for job in one.jobs
        )
        return replace(one, jobs=jobs) if one.profile == "burst" else one

    burst = run.having(replicates=tuple(map(quick, run.replicates)))
    assert verdict(burst).carries == verdict(run).carries
    assert verdict(made_up("large", depth="quick")).carries is None


def test_nothing_is_recommended_where_the_model_was_not_judged(tmp_path):
    made_up("large", depth="quick").write(tmp_path)
    done = invoke("recommend", "--target", "1200/h", "--slo", "p95(time_to_order)<60s", "--from", tmp_path)
    assert done.exit_code == 4
    assert "not held against" in done.output


def test_the_formula_that_recommends_is_gated_too():
    abouts = [sentence.about for sentence in verdict(made_up("large")).of("model_fit").sentences]
    assert [about.partition(" ")[0] for about in abouts] == ["model's", "formula"]


def invoke(*words):
    return CliRunner().invoke(app(BAKERY), [str(word) for word in words])


def test_how_often_a_check_decides_wrongly_is_simulated():
    done = invoke("certainty", "--tier", "large", "--checks", "20")
    assert done.exit_code in {0, 1}, done.output  # of 20 checks one is 5 %
    assert done.output.count("wrong pass") == 2


def test_a_client_is_shown_how_long_orders_took(tmp_path):
    run = as_client(made_up("large"))
    text = reports.write([run], [verdict(run)], [], BAKERY, tmp_path).read_text()
    assert "Time to order over time" in text
    assert "Percentiles of the time to order" in text


def test_a_run_that_was_cut_off_in_its_warm_up_is_reported(tmp_path):
    def cut(one):
        return replace(
            one, jobs=tuple(job for job in one.jobs if job.phase == "warm-up"), unplayed=("host_1",)
        )

    run = made_up("large")
    run = run.having(replicates=tuple(map(cut, run.steady())))
    found = verdict(run)
    assert found.exit is Exit.INVALID
    assert "host_1" in reports.write([run], [found], [], BAKERY, tmp_path).read_text()

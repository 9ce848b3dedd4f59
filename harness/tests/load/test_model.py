"""The model against closed forms, against `ciw`, an independent simulator, and against itself."""

import math

import ciw
import numpy as np
import pytest

from harness.load.model import (
    Queue,
    UnstableError,
    carries,
    drain_seconds,
    erlang_c,
    simulate,
    slots_needed,
)

CHANCE = np.random.default_rng(5)


def _erlang_c_by_definition(slots, load):
    last = load**slots / math.factorial(slots) * slots / (slots - load)
    return last / (sum(load**n / math.factorial(n) for n in range(slots)) + last)


@pytest.mark.parametrize("slots", [1, 2, 4, 8])
@pytest.mark.parametrize("busy", [0.1, 0.5, 0.9])
def test_erlang_c_is_its_definition(slots, busy):
    assert erlang_c(slots, busy * slots) == pytest.approx(_erlang_c_by_definition(slots, busy * slots))


def test_one_exponential_server_is_m_m_1():
    queue = Queue(1, 0.7, CHANCE.exponential(1, 200_000))
    assert queue.mean_wait == pytest.approx(0.7 / 0.3, rel=0.03)
    assert queue.quantile(0.95) == pytest.approx(-math.log(0.05) / 0.3, rel=0.03)


def test_one_constant_server_is_m_d_1():
    assert Queue(1, 0.7, np.ones(10)).mean_wait == pytest.approx(0.7 / (2 * 0.3))


@pytest.mark.in_turn
@pytest.mark.parametrize(("slots", "busy"), [(1, 0.55), (2, 0.65), (4, 0.75)])
def test_waits_and_percentiles_agree_with_an_independent_simulator(slots, busy):
    """Lognormal service, as of a language model: mean wait within 10 %, p95 within 6 %."""
    sigma = 0.46
    mean = math.exp(sigma**2 / 2)
    ciw.seed(11)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(busy * slots / mean)],
        service_distributions=[ciw.dists.Lognormal(0, sigma)],
        number_of_servers=[slots],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(60_000)
    records = [record for record in simulation.get_all_records() if record.arrival_date > 500]
    chance = np.random.default_rng(5)  # its own: which tests ran before must not matter
    queue = Queue(slots, busy * slots / mean, chance.lognormal(0, sigma, 400_000))
    assert queue.mean_wait == pytest.approx(np.mean([r.waiting_time for r in records]), rel=0.1)
    seen = np.quantile([r.waiting_time + r.service_time for r in records], 0.95)
    assert queue.quantile(0.95) == pytest.approx(seen, rel=0.06)


@pytest.mark.parametrize("slots", [1, 3])
def test_the_simulation_gives_each_customer_the_independent_simulators_wait(slots):
    """The very same arrivals and service times, customer by customer."""
    gaps, service = CHANCE.exponential(1, 500), CHANCE.exponential(0.8 * slots, 500)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps.tolist(), math.inf])],
        service_distributions=[ciw.dists.Sequential(service.tolist())],
        number_of_servers=[slots],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e6)
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    if slots == 1:  # ciw draws service times in the order of service, which is that of arrival here too
        expected = [record.waiting_time for record in records]
    else:
        by_order = [record.service_time for record in records]
        expected = [record.waiting_time for record in records]
        service = np.array(by_order)
    assert simulate(np.cumsum(gaps)[: len(records)], service[: len(records)], slots) == pytest.approx(
        expected
    )


def test_more_than_the_slots_can_do_is_refused_not_estimated():
    with pytest.raises(UnstableError, match="busy 120%"):
        Queue(1, 1.2, np.ones(3))
    with pytest.raises(UnstableError):
        drain_seconds(10, 1.0, 2, rate=2.0)


def test_a_backlog_drains_as_the_simulation_says():
    backlog, slots, busy = 400, 4, 0.5
    arrivals = np.concatenate([np.zeros(backlog), np.cumsum(CHANCE.exponential(1 / (busy * slots), 5000))])
    waits = simulate(arrivals, np.ones(len(arrivals)), slots)
    empty = arrivals[backlog:][waits[backlog:] == 0][0]
    assert drain_seconds(backlog, 1.0, slots, busy * slots) == pytest.approx(empty, rel=0.1)


def test_what_is_carried_meets_the_objective_and_a_little_more_does_not():
    service = CHANCE.lognormal(0, 0.3, 5000)
    for slots in (1, 2, 4):
        rate = carries(slots, service, 4.0)
        assert Queue(slots, rate, service).quantile(0.95) <= 4.0
        assert Queue(slots, min(rate * 1.02, 0.999 * slots / service.mean()), service).quantile(0.95) > 4.0


def test_twice_the_slots_carry_more_than_twice_as_much():
    service = CHANCE.exponential(3, 100_000)
    one, two, four = (carries(slots, service, 15.0) * 3600 for slots in (1, 2, 4))
    assert two > 2 * one
    assert four > 2 * two


def test_slots_needed_are_the_fewest():
    service = CHANCE.lognormal(0, 0.3, 5000)
    slots = slots_needed(3.0, service, 4.0)
    assert carries(slots, service, 4.0) >= 3.0 > carries(slots - 1, service, 4.0)


def test_an_objective_below_a_lone_jobs_time_is_carried_by_nobody():
    assert carries(8, np.ones(10), 0.9) == 0
    with pytest.raises(UnstableError, match="no number of slots"):
        slots_needed(1.0, np.ones(10), 0.9)

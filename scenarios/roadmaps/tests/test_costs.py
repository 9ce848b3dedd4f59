"""The guides' costs are what was measured at the declared prices, and nothing that somebody wrote."""

import json
import tomllib

import pytest

from scenarios.roadmaps.application import ROOT, app
from scenarios.roadmaps.costs import (
    CALLS_A_CONCEPT,
    CALLS_BEFORE,
    DEMANDS,
    FILE,
    GUIDES,
    HEADS,
    placed,
    tables,
)
from scenarios.roadmaps.prompt_tokens import TOPICS, calls, of_a_call

WORKLOADS = {"one": {"concepts": {"1": 1.0}}, "usual": {"concepts": {"4": 0.25, "8": 0.5, "12": 0.25}}}
PRICES = {"memory_gb_month": 10.0, "cpu_month": 20.0, "provider_call": 0.001}


def measured(commands: float):
    used = {"a": {"memory_mb": 512, "processors": 0.01}, "b": {"memory_mb": 1024, "processors": 0.04}}
    tiers = {"small": {"commands_a_minute": commands, "services": used}}
    return {"tiers": tiers, "prompt_tokens_of_a_call": 300}


def rows(commands: float = 100.0):
    made = tables(measured(commands), {"prices": PRICES, "workloads": WORKLOADS}, "en")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in made.splitlines() if line]


def test_a_cost_is_what_is_used_times_its_price():
    assert rows()[2] == ["small", "1.50", "$15.00", "0.050", "$1.00", "4,300,000", "$8.64"]
    assert rows()[5:7] == [
        ["`one`", "5", "1,500", "6,000", "$5.00"],
        ["`usual`", "26", "7,800", "31,200", "$26.00"],
    ]


def test_the_example_has_everything_in_it():
    *_, head, rule, services, servers, railway, provider, together = rows()
    assert (head[0], rule) == ("small on the plan Hobby, 100 roadmaps `usual`", ["---", "---"])
    assert [row[1] for row in (services, servers, railway, provider, together)] == [
        "$16.00",
        "$2.50",
        "$18.50",
        "$2.60",
        "$21.10",
    ]


def test_a_plan_costs_its_fee_whatever_is_used():
    idle = {"small": {"commands_a_minute": 1.0, "services": {"a": {"memory_mb": 0, "processors": 0.0}}}}
    *_, railway, _, together = tables(
        {"tiers": idle, "prompt_tokens_of_a_call": 300}, {"prices": PRICES, "workloads": WORKLOADS}, "en"
    ).splitlines()
    assert railway.endswith("| $5.00 |")
    assert together.endswith("| $7.60 |")


@pytest.mark.parametrize(("commands", "price"), [(0.0, "$0.00"), (11.5, "$0.00"), (11.6, "$1.00")])
def test_what_the_free_plan_takes_costs_nothing_and_beyond_it_all_of_it_does(commands, price):
    assert rows(commands)[2][-1] == price


def test_every_tier_was_measured_with_every_service_that_it_has():
    found = json.loads(FILE.read_text(encoding="utf-8"))
    assert [*found["tiers"]] == [*app.tiers]
    for tier in found["tiers"].values():
        assert {"roadmap-api", "roadmap-celery-logs", "roadmap-celery-content"} <= {*tier["services"]}
        assert all(one["memory_mb"] > 0 for one in tier["services"].values())
        assert tier["commands_a_minute"] > 0


def test_the_prompts_have_as_many_tokens_as_were_counted():
    pytest.importorskip("rs_bpe")
    assert json.loads(FILE.read_text(encoding="utf-8"))["prompt_tokens_of_a_call"] == round(of_a_call())


def test_a_roadmap_is_as_many_calls_as_its_concepts_need():
    for topic in TOPICS:
        made = [*calls(topic)]
        assert len(made) == CALLS_BEFORE + CALLS_A_CONCEPT * 8
        assert all(topic in messages[-1]["content"] for messages, _ in made)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_has_the_tables_that_the_command_writes(guide):
    text = (ROOT / guide).read_text(encoding="utf-8")
    found = json.loads(FILE.read_text(encoding="utf-8"))
    demands = tomllib.loads(DEMANDS.read_text(encoding="utf-8"))
    assert text == placed(text, tables(found, demands, GUIDES[guide]))


def test_a_guide_without_a_place_for_them_is_told():
    with pytest.raises(ValueError, match="no place for the tables"):
        placed("# A guide", "")


def test_both_languages_have_as_many_columns():
    assert [len(head) for head in HEADS["en"]] == [len(head) for head in HEADS["zh"]]

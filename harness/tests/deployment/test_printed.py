"""What Railway's command line prints of an environment, held against the declaration (railwayapp/cli, EnvironmentConfig)."""

import json

import pytest

from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment
from harness.deployment.drift import drift
from harness.deployment.export import as_railway
from harness.tests.deployment.shop import PROGRAM

IDS = {
    "shop-api": "0a6a2b8e-6b1c-4b3e-9a52-6f1d4f0c9b11",
    "shop-worker": "c1c0f5a4-12f1-4d6e-8a77-0d7a3c6de0b2",
    "Database": "f3f7b0e2-93a6-4c57-b1d5-2c9a51e0a7c3",
}


@pytest.fixture
def configured(repository):
    """What Railway's command line prints of an environment: services by their ids, with what Railway sets by itself."""
    deployment = Deployment.load(repository, PROGRAM)
    made = json.loads(as_railway(deployment, deployment.services.values(), "large"))["services"]
    for one in made.values():
        one["source"] |= {"repo": "shop/shop", "branch": "main"}
        one["build"] |= {"builder": "DOCKERFILE", "buildEnvironment": "V3"}
        one["deploy"] |= {
            "numReplicas": 1,
            "multiRegionConfig": {"us-west2": {"numReplicas": 1}},
            "restartPolicyType": "ON_FAILURE",
            "restartPolicyMaxRetries": 10,
        }
        one["networking"] = {"serviceDomains": {"shop.up.railway.app": {"port": 8080}}}
    server = {
        "source": {"image": "postgres:18"},
        "variables": {"DB_URL": {"value": "postgresql://u:hunter2@h/d"}, "PGDATA": {"value": "/data"}},
    }
    gone = {"variables": {"KIND": {"value": "worker"}}, "isDeleted": True}
    by_id = {IDS[name]: one for name, one in {**made, "Database": server}.items()}
    return {
        "services": {**by_id, "9d1b6a52-7a0e-4c55-8f04-5c8d21c6a9e4": gone},
        "privateNetworkDisabled": False,
    }


@pytest.fixture
def printed(repository, tmp_path):
    """Compares what has been printed."""

    def compare(configuration):
        path = tmp_path / "now.json"
        path.write_text(json.dumps(configuration))
        found = drift(Subject(repository, PROGRAM), path)
        assert "hunter2" not in str(found)
        return [(breach.flaw.place.name, breach.flaw.what) for breach in found]

    return compare


def test_what_railway_prints_of_an_environment_has_not_drifted(printed, configured):
    assert printed(configured) == []


def test_a_service_that_railway_names_by_its_id_is_known_by_its_role(printed, configured):
    configured["services"][IDS["shop-worker"]]["variables"]["SLOTS"] = {"value": "5"}
    assert printed(configured) == [("shop-worker.SLOTS", "is '5' there, and '4' as declared for large")]


def test_a_second_service_of_a_role_and_one_of_none_are_not_declared(printed, configured):
    second, none = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-000000000000"
    configured["services"] |= {
        second: configured["services"][IDS["shop-worker"]],
        none: {"variables": {"COLOUR": {"value": "hunter2"}}},
    }
    assert printed(configured) == [
        (second, "is there and is not declared"),
        (none, "is there and is not declared"),
    ]


@pytest.mark.parametrize(
    "deploy",
    [
        {"numReplicas": 2},
        {"multiRegionConfig": {"us-west2": {"numReplicas": 1}, "europe-west4": {"numReplicas": 1}}},
        {"restartPolicyType": "NEVER"},
    ],
)
def test_what_railway_would_not_set_by_itself_has_drifted(printed, configured, deploy):
    configured["services"][IDS["shop-api"]]["deploy"] |= deploy
    ((name, _),) = printed(configured)
    assert name == f"shop-api.{next(iter(deploy))}"

"""The declaration becomes each service's environment, and a mistake in it is named with its file, table and key."""

import pytest

from harness.deployment.declaration import Deployment, DeploymentError
from harness.tests.deployment.shop import PROGRAM, PROVIDED

SERVICES, TIERS = "platform/services.toml", "platform/tiers.toml"
SECRETS = {"SIGNING_KEY": "5f1d0c7b9e3a48826ad1f04e97bc3d56"}


@pytest.fixture
def load(edit):
    """The declaration with a piece of it replaced."""
    return lambda file, old, new: Deployment.load(edit(file, old, new), PROGRAM)


@pytest.fixture
def resolve(repository):
    def resolve(**changes):
        given = {"tier": "small", "provided": PROVIDED, "secrets": SECRETS} | changes
        return Deployment.load(repository, PROGRAM).environments(**given)

    return resolve


def test_a_service_has_its_variables_its_tiers_and_its_secrets(resolve):
    environments = resolve()
    assert environments["shop-api"] == {
        "KIND": "api",
        "PORT": "8080",
        "API_PROCESSES": "2",
        "DB_POOL": "5",
        "CURRENCY": "EUR",
        "STAGE": "live",
        **PROVIDED["Database"],
        **PROVIDED["Broker"],
        **SECRETS,
    }
    assert environments["shop-worker"]["SLOTS"] == "1"
    assert resolve(tier="large")["shop-worker"]["SLOTS"] == "4"


def test_a_tier_is_read_with_its_plan(repository):
    tiers = Deployment.load(repository, PROGRAM).tiers
    assert [(tier.name, tier.memory_mb, tier.cpus) for tier in tiers.values()] == [
        *[("small", 512, None), ("large", 4096, 4)]
    ]
    assert tiers["large"].concurrency == {"api": 8, "worker": 4}


def test_a_provided_value_and_a_secret_reach_others_through_references(resolve):
    environments = resolve()
    assert environments["shop-worker"]["DB_URL"] == PROVIDED["Database"]["DB_URL"]
    assert environments["shop-worker"]["SIGNING_KEY"] == SECRETS["SIGNING_KEY"]


def test_an_override_replaces_the_variable_where_it_is_and_flows_through_references(resolve):
    environments = resolve(overrides={"SLOTS": "9", "CURRENCY": "is ${{KIND}}"})
    assert "SLOTS" not in environments["shop-api"]
    assert environments["shop-worker"]["SLOTS"] == "9"
    assert environments["shop-api"]["CURRENCY"] == "is api"


def test_an_override_that_no_service_has_is_given_to_all(resolve):
    assert {env["TRACE"] for env in resolve(overrides={"TRACE": "yes"}).values()} == {"yes"}


def test_a_shared_variable_can_be_referred_to(repository, resolve):
    path = repository / SERVICES
    text = path.read_text().replace('"EUR"', '"${{shared.MONEY}}"')
    path.write_text(f'{text}\n[shared]\nMONEY = "CHF"\n')
    assert {env["CURRENCY"] for env in resolve().values()} == {"CHF"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tier": "smal"}, 'there is no tier "smal"; did you mean "small"?'),
        ({"provided": {"Database": PROVIDED["Database"]}}, "the infrastructure Broker was given no value"),
        ({"provided": PROVIDED | {"Broker": {}}}, "the variable of Broker BROKER_URL was given no value"),
        ({"provided": PROVIDED | {"Brokr": {}}}, 'nothing declares the infrastructure "Brokr"; did you mean "Broker"?'),
        ({"secrets": {}}, "the secret SIGNING_KEY was given no value"),
        ({"secrets": SECRETS | {"SIGNINGKEY": "x"}}, 'nothing declares the secret "SIGNINGKEY"; did you mean'),
    ],
)  # fmt: skip
def test_a_value_that_is_missing_or_that_nothing_declares_is_an_error(resolve, changes, message):
    with pytest.raises(DeploymentError) as caught:
        resolve(**changes)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            SERVICES,
            "public_port =",
            "publik_port =",
            'services.toml: [services.shop-api] publik_port: is unknown; did you mean "public_port"?',
        ),
        (
            SERVICES,
            'public_port = "PORT"',
            'public_port = "PROT"',
            '[services.shop-api] public_port: names no variable of it; did you mean "PORT"?',
        ),
        (
            SERVICES,
            'PORT = "8080"',
            "PORT = 8080",
            "services.toml: [services.shop-api.variables] PORT: must be a string, not 8080",
        ),
        (
            SERVICES,
            'dockerfile = "Dockerfile.shop"',
            "",
            "services.toml: [services.shop-api] dockerfile: is missing; it must be a string",
        ),
        (
            SERVICES,
            '"worker"',
            '"worcer"',
            '[services.shop-worker.variables] KIND: "worcer" is no role; did you mean "worker"?',
        ),
        (SERVICES, 'KIND = "worker"', "", '[services.shop-worker.variables] KIND: "" is no role; there is api, worker'),
        (
            SERVICES,
            'KIND = "api"',
            'KIND = "api"\nSIGNING_KEY = "hunter2"',
            "[services.shop-api] secrets: SIGNING_KEY has a value among the variables",
        ),
        (SERVICES, '["SIGNING_KEY"]', "[1]", "[services.shop-api] secrets: must hold strings, not 1"),
        (SERVICES, "= 25", "= -1", "[services.shop-api] draining_seconds: must be 0 or more, not -1"),
        (SERVICES, 'start_command = ""\n', "", "[services.shop-api] start_command: is missing; it must be a string"),
        (SERVICES, "[infrastructure]", "[infrastructur]", "services.toml: infrastructure: is missing"),
        (SERVICES, "Broker =", "shop-api =", "services.toml: services: shop-api is taken"),
        (SERVICES, "[infrastructure]", "[infrastructure", "services.toml is not TOML"),
        (
            SERVICES,
            "[infrastructure]",
            "x = 1\n[infrastructure]",
            "services.toml: x: is unknown; there is infrastructure, services, shared",
        ),
        (TIERS, "worker = 1", "worcer = 1", "tiers.toml: [small.concurrency] worker: is missing; it must be a whole number"),
        (TIERS, "worker = 1", "worker = 1, beat = 1", "tiers.toml: [small.concurrency] beat: is unknown"),
        (TIERS, "worker = 1", "worker = 0", "worker: must be 1 or more, not 0"),
        (TIERS, "memory_mb = 512", 'memory_mb = "512"', "memory_mb: must be a whole number, not '512'"),
        (TIERS, "memory_mb = 512", "memory_gb = 1\nmemory_mb = 512", '"memory_mb"'),
        (TIERS, "database_pool_size = 5\n", "", "[small] database_pool_size: is missing"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_with_file_table_and_key(load, file, old, new, message):
    with pytest.raises(DeploymentError) as caught:
        load(file, old, new)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DeploymentError, match=r"services\.toml is missing"):
        Deployment.load(tmp_path, PROGRAM)

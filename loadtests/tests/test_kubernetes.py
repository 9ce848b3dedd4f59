"""The manifests of deploy/kubernetes, held against the operator's own schema, our options and each other. No cluster is asked."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from harness.base import pace
from loadtests.traffic import TRAFFIC

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
# From github.com/locustio/k8s-operator at 0c2f428 (charts/locust-operator/crds/locusttest.yaml); unknown fields are refused.
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
ROLE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"labels": TEXTS, "annotations": TEXTS, "resources": {"type": "object"}},
}
SPEC = {
    "type": "object",
    "required": ["workers"],
    "additionalProperties": False,
    "properties": {
        "annotations": TEXTS,
        "labels": TEXTS,
        "image": {"type": "string"},
        "imagePullPolicy": {"enum": ["IfNotPresent", "Always", "Never"]},
        "imagePullSecrets": {"type": "array"},
        "workers": {"type": "integer", "minimum": 1},
        "args": {"type": "string"},
        "env": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            },
        },
        "master": ROLE,
        "worker": ROLE,
        "locustfile": {"type": "object"},
        "metrics": {"type": "object"},
    },
}


@pytest.fixture(scope="module")
def test():
    return yaml.safe_load((FOLDER / "locust-test.yaml").read_text())


@pytest.fixture(scope="module")
def collector():
    return {one["kind"]: one for one in yaml.safe_load_all((FOLDER / "collector.yaml").read_text())}


def words(test):
    return shlex.split(test["spec"]["args"])


def option(test, name):
    found = words(test)
    return found[found.index(name) + 1]


def test_the_operator_knows_every_field(test):
    assert (test["apiVersion"], test["kind"]) == ("locust.cloud/v1", "LocustTest")
    jsonschema.validate(test["spec"], SPEC)


def test_locust_takes_every_word_of_it(test):
    """Read the options as Locust's master does: with the parser alone and our options."""
    look = (
        "import sys, json, runpy; from locust.argument_parser import parse_options; "
        "runpy.run_path('loadtests/locustfile.py'); print(json.dumps(vars(parse_options(sys.argv[1:])), default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, "--master", *words(test)],
        cwd=TRAFFIC.root,
        capture_output=True,
        text=True,
        timeout=60 * pace.factor(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    taken = json.loads(done.stdout.splitlines()[-1])
    assert taken["collector"] == "http://load-collector:8080"
    assert taken["tier"] in TRAFFIC.demands.tiers
    assert (taken["headless"], taken["expect_workers"]) == (True, test["spec"]["workers"])
    assert all(one["name"].startswith("LOADTEST_") for one in test["spec"]["env"])


def test_what_is_seen_goes_to_the_collector_that_is_there(test, collector):
    service, pods = collector["Service"], collector["Deployment"]["spec"]["template"]
    assert (
        option(test, "--collector")
        == f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    )
    assert service["spec"]["selector"].items() <= pods["metadata"]["labels"].items()
    assert collector["Deployment"]["spec"]["selector"]["matchLabels"] == pods["metadata"]["labels"]
    (container,) = pods["spec"]["containers"]
    assert container["ports"][0]["containerPort"] == service["spec"]["ports"][0]["port"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_what_is_kept_lies_on_a_volume_that_outlives_the_pods(collector):
    pods = collector["Deployment"]["spec"]["template"]["spec"]
    (container,), (volume,) = pods["containers"], pods["volumes"]
    (mount,) = container["volumeMounts"]
    folder = container["command"][container["command"].index("collect") + 1]
    assert folder == mount["mountPath"]
    assert mount["name"] == volume["name"]
    claim = volume["persistentVolumeClaim"]["claimName"]
    assert claim == collector["PersistentVolumeClaim"]["metadata"]["name"]


def test_the_collector_is_nobody_in_particular_and_only_a_master_reaches_it(collector):
    pods = collector["Deployment"]["spec"]["template"]["spec"]
    assert pods["securityContext"]["runAsNonRoot"]
    assert not pods["automountServiceAccountToken"]
    (rule,) = collector["NetworkPolicy"]["spec"]["ingress"]
    assert rule["from"][0]["podSelector"]["matchLabels"] == {"locust.cloud/component": "master"}

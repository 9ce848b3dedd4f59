"""Which image is taken: by what people name, then by what the engine has, and a registry is asked last."""

from contextlib import contextmanager
from types import SimpleNamespace

import docker.errors
import pytest

from harness.substrates.engine.engine import Engine, EngineError
from harness.substrates.engine.images import (
    IMAGES,
    POSTGRES,
    PYTHON,
    Choice,
    Source,
    choose,
    forget_old,
    resolve,
)
from harness.tests.substrates.engine.answering import unix

OFFICIAL, OWN = "postgres:17", "celery-harness/postgres:17"


@pytest.fixture
def having(folder):
    @contextmanager
    def having(*images, pull=()):
        path = folder / "docker.sock"
        with unix(path, images=images, pull=pull) as server:
            engine = Engine.find({}, [path])
            yield engine, server.asked
            engine.client.close()
        path.unlink()

    return having


@pytest.mark.parametrize(
    ("images", "environ", "choice"),
    [
        ((OFFICIAL, OWN), {}, Choice(OFFICIAL, Source.OFFICIAL, there=True)),
        ((OWN,), {}, Choice(OWN, Source.OWN, there=True)),
        ((), {}, Choice(OFFICIAL, Source.OFFICIAL, there=False)),
        (
            (OFFICIAL, "mine:1"),
            {"HARNESS_POSTGRES_IMAGE": "mine:1"},
            Choice("mine:1", Source.NAMED, there=True),
        ),
        ((OFFICIAL,), {"HARNESS_POSTGRES_IMAGE": "mine:1"}, Choice("mine:1", Source.NAMED, there=False)),
        ((OFFICIAL,), {"HARNESS_POSTGRES_IMAGE": ""}, Choice(OFFICIAL, Source.OFFICIAL, there=True)),
    ],
)
def test_what_people_name_goes_before_the_official_one_and_that_before_ours(having, images, environ, choice):
    with having(*images) as (engine, asked):
        assert choose(POSTGRES, engine, environ) == choice
        if choice.there:
            assert resolve(POSTGRES, engine, environ=environ) == choice.reference
        assert asked == []


def test_another_version_is_another_tag_that_no_variable_replaces(having):
    assert POSTGRES.version("17") == POSTGRES
    assert PYTHON.version("3.11").official == "python:3.11-slim"
    older = POSTGRES.version("15")
    with having("postgres:15", "mine:1") as (engine, _):
        assert choose(older, engine, {"HARNESS_POSTGRES_IMAGE": "mine:1"}).reference == "postgres:15"


def test_what_is_not_there_is_pulled_and_progress_is_shown(having):
    def downloading(layer, current, total):
        return {
            "status": "Downloading",
            "id": layer,
            "progressDetail": {"current": current * 2**20, "total": total * 2**20},
        }

    lines = [{"status": "Pulling from"}, downloading("a", 5, 10), downloading("b", 1, 30), {"status": "done"}]
    shown = []
    with having(pull=lines) as (engine, asked):
        assert resolve(POSTGRES, engine, shown.append, {}) == OFFICIAL
    assert asked == ["/v1.41/images/create?tag=17&fromImage=postgres"]
    assert shown == ["pulling postgres:17: 5 of 10 MB", "pulling postgres:17: 6 of 40 MB"]


@pytest.mark.parametrize(
    ("reference", "asked"),
    [("host:5000/mine", "tag=latest&fromImage=host%3A5000%2Fmine"), ("mine", "tag=latest&fromImage=mine")],
)
def test_the_port_of_a_registry_is_no_tag(having, reference, asked):
    with having() as (engine, requests):
        resolve(POSTGRES, engine, environ={"HARNESS_POSTGRES_IMAGE": reference})
    assert requests == [f"/v1.41/images/create?{asked}"]


@pytest.mark.parametrize(
    ("image", "environ", "remedy"),
    [
        (POSTGRES, {}, "harness images build postgres   # or name yours by HARNESS_POSTGRES_IMAGE"),
        (POSTGRES.version("15"), {}, "harness images build --suite bookworm postgres"),
        (POSTGRES.version("12"), {}, "no recipe for it; recipes make 17, 15"),
        (POSTGRES, {"HARNESS_POSTGRES_IMAGE": "mine:1"}, "HARNESS_POSTGRES_IMAGE names it: correct or unset"),
    ],
)
def test_where_no_registry_answers_the_error_says_what_to_do(having, image, environ, remedy):
    with having(pull=[{"error": "no such host"}]) as (engine, _), pytest.raises(EngineError) as raised:
        resolve(image, engine, environ=environ)
    assert "cannot be pulled: no such host" in str(raised.value)
    assert remedy in str(raised.value)


def test_each_image_has_names_of_its_own():
    for attribute in ("official", "own", "variable"):
        assert len({getattr(image, attribute) for image in IMAGES}) == len(IMAGES)


class Api:
    """Of an engine that has images, some of which somebody uses or has just removed."""

    def __init__(self, created: dict[str, int], refused: dict[str, int]) -> None:
        self._created = created
        self._refused = refused
        self.removed: list[str] = []

    def images(self, _name: str, filters: object) -> list[dict[str, object]]:
        return [{"Id": name, "Created": when} for name, when in self._created.items()]

    def remove_image(self, name: str) -> None:
        if name in self._refused:
            answer = SimpleNamespace(status_code=self._refused[name])
            raise docker.errors.APIError("refused", response=answer)
        self.removed.append(name)


def test_the_oldest_images_go_whoever_uses_one_or_was_faster():
    api = Api({"new": 9, "used": 2, "gone": 3, "old": 1, "newer": 10}, {"used": 409, "gone": 404})
    forget_old(SimpleNamespace(client=SimpleNamespace(api=api)), "name", kept=2)
    assert api.removed == ["old"]

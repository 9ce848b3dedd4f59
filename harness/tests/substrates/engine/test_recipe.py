"""What an image is built from is what its Dockerfile copies; it is built when that has changed, and once."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from harness.substrates.engine import recipe as module
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.engine import EngineError
from harness.substrates.engine.images import REDIS, resolve
from harness.substrates.engine.recipe import INPUTS, Recipe, build

DOCKERFILE = """
FROM base AS first
COPY one.txt folder/ /there/
RUN true \\
 && COPY is no instruction here
copy --chown=1:1 added.txt \\
  /there
RUN <<EOF
COPY nor here
EOF
COPY --from=first /x /y
"""


@pytest.fixture
def context(tmp_path):
    for name in ("one.txt", "folder/two.txt", "folder/tests/three.txt", "folder/b/four.txt", "five.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".dockerignore").write_text("# not these\n**/tests\n")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


def recipe(context, **changes):
    added = {"added.txt": b"added"}
    return Recipe(**{"dockerfile": context / "Dockerfile", "base": "base", "added": added, **changes})


def engine(base="sha256:1"):
    images = SimpleNamespace(get=lambda name: SimpleNamespace(id=f"{base} of {name}"))
    return SimpleNamespace(client=SimpleNamespace(images=images))


def test_the_inputs_are_what_the_dockerfile_copies_and_dockerignore_lets_through(context):
    files = recipe(context).files()
    assert list(files) == ["Dockerfile", "added.txt", "folder/b/four.txt", "folder/two.txt", "one.txt"]
    assert files["added.txt"] == b"added"


def test_what_only_a_later_stage_copies_is_no_input(context):
    (context / "Dockerfile").write_text(f"{DOCKERFILE}\nFROM base AS second\nCOPY none.txt /\n")
    assert "one.txt" in recipe(context, target="first").files()
    with pytest.raises(EngineError, match=r"copies none\.txt"):
        recipe(context, target="second").files()


def test_a_dockerfile_that_copies_what_is_not_there_is_refused(context):
    (context / "one.txt").unlink()
    with pytest.raises(EngineError, match=r"copies one\.txt, which is not there"):
        recipe(context).files()


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("FORM base\n", "", "Dockerfile: line 1: unknown instruction: FORM"),
        (DOCKERFILE, "second", "has no stage second"),
    ],
)
def test_a_dockerfile_that_is_none_or_lacks_the_stage_is_refused(context, text, target, said):
    (context / "Dockerfile").write_text(text)
    with pytest.raises(EngineError, match=said):
        recipe(context, target=target).files()


def test_every_input_changes_the_digest_and_a_stamp_does_not(context):
    digests = {recipe(context).digest(engine())}

    def changed(*, base="sha256:1", **changes):
        digests.add(recipe(context, **changes).digest(engine(base)))
        return len(digests)

    assert changed() == 1
    assert changed(stamps={"COMMIT": "1"}) == 1
    (context / "five.txt").write_text("nobody copies it")
    (context / "folder/tests/three.txt").write_text("ignored")
    assert changed() == 1
    assert changed(base="sha256:2") == 2
    assert changed(arguments={"A": "1"}) == 3
    assert changed(target="first") == 4
    assert changed(added={"added.txt": b"other"}) == 5
    (context / "one.txt").chmod(0o755)
    assert changed() == 6
    (context / "folder/b/four.txt").write_text("changed")
    assert changed() == 7
    (context / "folder/b/four.txt").rename(context / "folder/b/renamed.txt")
    assert changed() == 8


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Builds a small image of what a Dockerfile's last line says, and removes all that was made of it."""
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache")
    base = resolve(REDIS)
    made = set()

    def built(line, progress=lambda _: None, asked=1):
        (tmp_path / "Dockerfile").write_text(f"FROM {base}\n{line}")
        wanted = Recipe(dockerfile=tmp_path / "Dockerfile", base=base)
        name = f"celery-harness/own-tests-{tmp_path.name}:{{inputs}}"
        with ThreadPoolExecutor(asked) as pool:
            found = set(pool.map(lambda _: build(the_engine(), wanted, name, progress), range(asked)))
        made.update(found)
        assert len(found) == 1
        return found.pop()

    yield built
    for reference in made:
        the_engine().client.images.remove(reference, force=True)


@pytest.mark.e2e
@pytest.mark.docker
def test_it_is_built_once_and_again_when_an_input_has_changed(built):
    steps = []
    first = built("ENV A=1", progress=steps.append)
    assert len(steps) == 3  # with the label
    assert f"building {first}: step 2 of 3: ENV A=1" in steps
    steps.clear()
    assert built("ENV A=1", progress=steps.append) == first
    assert steps == []
    second = built("ENV A=2", progress=steps.append)
    assert second != first
    images = the_engine().client.images
    assert images.get(second).labels[INPUTS].startswith(second.rpartition(":")[2])


@pytest.mark.e2e
@pytest.mark.docker
def test_however_many_ask_at_the_same_time_it_is_built_once(built):
    steps = []
    built("ENV A=1", progress=steps.append, asked=4)
    assert len(steps) == 3


@pytest.mark.e2e
@pytest.mark.docker
def test_what_is_no_dockerfile_is_refused_with_its_line(built):
    with pytest.raises(EngineError, match=r"Dockerfile: line 2: unknown instruction: MAKE"):
        built("MAKE it so")


@pytest.mark.e2e
@pytest.mark.docker
def test_a_step_that_fails_shows_what_it_wrote(built):
    with pytest.raises(EngineError) as raised:
        built("RUN echo the reason; exit 3")
    assert "returned a non-zero code: 3" in str(raised.value)
    assert "the reason" in str(raised.value)

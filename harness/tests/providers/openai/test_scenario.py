"""A scenario in TOML, read, refused, and served by a provider of its own."""

import statistics
import subprocess
import sys

import pytest

from harness.base import pace
from harness.providers.latency import Delay, Pace
from harness.providers.openai.scenario import Scenario
from harness.providers.openai.steps import Fault, Reply
from harness.providers.scenario import ScenarioError
from harness.providers.steps import Answer

TOML = """
seed = 7
speed = 10.0
unscripted = "nothing"
models = ["gpt-4o-mini"]
latency = { seconds = 0.8, sigma = 0.4 }
between = { file = "waits.txt" }
limits = { requests = 500, tokens = 200_000 }

[[rules]]
match = { schema = "quiz", contains = "Rust" }
after = "cycle"
steps = [
    { kind = "fault", status = 429, retry_after = 1, times = 2 },
    { kind = "reply", content = { questions = [] }, latency = 2, times = 1 },
    { kind = "stall", at = 0.25, seconds = 3, times = 1 },
]

[[rules]]
steps = [{ kind = "answer" }]
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str = TOML):
        path = tmp_path / "scenario.toml"
        path.write_text(text)
        return path

    (tmp_path / "waits.txt").write_text("0.1\n0.2\n")
    return write


def test_everything_can_be_said_in_toml(written):
    found = Scenario.load(written())
    assert (found.seed, found.speed, found.unscripted, found.models) == (7, 10, "nothing", ("gpt-4o-mini",))
    assert (found.latency, found.between) == (Delay(seconds=0.8, sigma=0.4), Delay(values=(0.1, 0.2)))
    assert found.limits.tokens == 200_000
    first, second = found.rules
    assert (first.match.schema, first.match.contains, first.after) == ("quiz", "Rust", "cycle")
    assert first.steps[:2] == (
        Fault(status=429, retry_after=1, times=2),
        Reply(content={"questions": []}, latency=2, times=1),
    )
    assert second.steps == (Answer(),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = ", "Invalid value"),
        ("sed = 1", "unknown field `sed`"),
        ("speed = 0", r"\$.speed"),
        ('[[rules]]\nsteps = [{ kind = "explode" }]', "explode"),
        ('[[rules]]\nsteps = [{ kind = "fault", status = 200 }]', r"\$.rules\[0\].steps\[0\].status"),
        ("[[rules]]\nmatch = { colour = 1 }\nsteps = []", "colour"),
        ('latency = { file = "none.txt" }', "none.txt"),
    ],
)
def test_a_mistake_is_named_with_its_place(written, text, said):
    with pytest.raises(ScenarioError, match=said) as caught:
        Scenario.load(written(text))
    assert "scenario.toml" in str(caught.value)


def test_the_command_refuses_it_in_one_sentence(written):
    command = [
        sys.executable,
        "-m",
        "harness.providers.openai",
        "--port",
        "0",
        "--script",
        str(written("sed = 1")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20 * pace.factor())
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "unknown field `sed`" in done.stderr


async def test_a_scenario_can_be_loaded_into_a_running_provider(client, openai, written):
    openai.load(
        written("""
        [[rules]]
        match = { model = "m" }
        steps = [{ kind = "reply", content = "from a file" }]
    """)
    )
    answer = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    assert answer.choices[0].message.content == "from a file"


async def test_models_are_those_that_are_named(client, openai):
    import openai as sdk

    openai.load(Scenario(models=("a", "b")))
    assert [model.id async for model in client.models.list()] == ["a", "b"]
    with pytest.raises(sdk.NotFoundError) as caught:
        await client.chat.completions.create(model="c", messages=[{"role": "user", "content": "hi"}])
    assert caught.value.code == "model_not_found"


async def test_each_endpoint_has_its_own_words_for_a_model_that_is_not_there(client, openai):
    import openai as sdk

    openai.load(Scenario(models=("gpt-4o-mini",)))
    with pytest.raises(sdk.NotFoundError) as chat:
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    with pytest.raises(sdk.BadRequestError) as response:
        await client.responses.create(model="m", input="hi")
    assert (chat.value.code, chat.value.param) == ("model_not_found", None)
    assert (response.value.code, response.value.param) == ("model_not_found", "model")
    assert response.value.body["message"] == "The requested model 'm' does not exist."


async def test_what_is_stored_can_be_had_again(client):
    asked = [{"role": "user", "content": "hi"}]
    made = await client.chat.completions.create(model="m", messages=asked, store=True)
    found = await client.chat.completions.retrieve(made.id)
    assert found.choices[0].message.content == made.choices[0].message.content
    changed = await client.chat.completions.update(made.id, metadata={"a": "b"})
    assert changed.metadata == {"a": "b"}
    assert [m.content async for m in client.chat.completions.messages.list(made.id)] == [
        made.choices[0].message.content
    ]
    assert [c.id async for c in client.chat.completions.list()] == [made.id]
    assert (await client.chat.completions.delete(made.id)).deleted
    assert [c.id async for c in client.chat.completions.list()] == []


def test_waits_are_drawn_from_the_seed():
    pace = Pace(first=Delay(seconds=0.5, sigma=0.5), between=Delay(values=(0.1, 0.2)))
    assert pace.gaps(5, "a") == pace.gaps(5, "a") != pace.gaps(5, "b")
    firsts = [pace.gaps(1, str(n))[0] for n in range(2000)]
    assert statistics.median(firsts) == pytest.approx(0.5, rel=0.1)
    assert statistics.quantiles(firsts, n=20)[-1] == pytest.approx(0.5 * 2.276, rel=0.15)
    assert set(pace.gaps(50, "c")[1:]) == {0.1, 0.2}
    assert not pace.instant
    assert Pace().instant

"""What the guide says of strictness is what is checked, and the overlay has nothing that leads nowhere."""

import re

import openai.types.chat.completion_create_params as chat
import openai.types.embedding_create_params as embeddings
import openai.types.responses.response_create_params as responses
import pytest

from harness.base.run import ROOT
from harness.providers.openai.strict import overlay
from harness.providers.openai.strict.checks import shape_of
from harness.providers.openai.strict.claim import BEGIN, END, claim, write
from harness.providers.openai.strict.description import DescriptionError, schemas
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE

GUIDE = ROOT / "docs/openai.md"


def test_the_guide_is_current():
    said = GUIDE.read_text().partition(BEGIN)[2].partition(END)[0].strip()
    assert said == claim(), "python -m harness.providers.openai.strict"


def test_it_is_written_between_its_marks_and_nowhere_else(tmp_path):
    guide = tmp_path / "guide.md"
    guide.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert write(guide)
    assert not write(guide)
    assert re.fullmatch(r"before\n<!--.*\n\nBy the .*\n\n<!--.*-->\nafter\n", guide.read_text(), re.DOTALL)
    guide.write_text("no marks")
    with pytest.raises(ValueError, match="has no"):
        write(guide)


def test_every_place_of_the_overlay_is_there():
    known = schemas(CHAT, RESPONSE, EMBEDDING)
    for where in (*overlay.IN_WORDS, *overlay.SINCE, *overlay.VALUES_SINCE):
        assert overlay._nodes(known, where), where
    assert {*overlay.KINDS_SINCE, *overlay.OPEN} <= set(known)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (CHAT, chat.CompletionCreateParamsStreaming),
        (RESPONSE, responses.ResponseCreateParamsStreaming),
        (EMBEDDING, embeddings.EmbeddingCreateParams),
    ],
)
def test_every_parameter_of_the_sdk_is_known(name, sent):
    """One that the description does not have yet belongs into the overlay."""
    properties = shape_of(name).alternatives[0]["properties"]
    assert {*sent.__required_keys__, *sent.__optional_keys__} - set(properties) == set()


def test_a_description_that_cannot_be_read_says_so():
    with pytest.raises(DescriptionError, match="has no Nothing"):
        schemas("Nothing")

"""A Dockerfile is read as BuildKit reads it, and what BuildKit would refuse is refused with its line."""

import pytest

from harness.base.dockerfile import DockerfileError, instructions, last_stage, sources, until

STAGES = """\
# syntax=docker/dockerfile:1
ARG PYTHON=python

FROM ${PYTHON} AS first
COPY --chown=1:1 one.txt \\
  # in between
  folder/ /there/
copy ["with a space.txt", "/there/"]
RUN <<EOF
COPY is no instruction here
EOF
COPY <<EOF three.txt /there/
said here
EOF
ADD https://example.org/four.txt /there/

FROM first as Second
COPY --from=first /x /y
COPY five.txt /
"""


def test_instructions_have_their_lines_and_comments_and_continuations_are_gone():
    text = "# a comment\nFROM a AS b\n\nrun x \\\n  # in between\n  && y\nFROM c\nENV A=1 B=2\nENV C 3\nARG D=4\n"
    made = instructions(text)
    assert [(one.line, one.name) for one in made] == [
        *[(2, "FROM"), (4, "RUN"), (7, "FROM"), (8, "ENV"), (9, "ENV"), (10, "ARG")]
    ]
    assert made[1].text.split() == ["x", "&&", "y"]
    assert [one.names for one in last_stage(made)[1:]] == [["A", "B"], ["C"], ["D"]]


def test_a_value_with_spaces_is_one_value_and_several_arguments_are_several():
    made = instructions('FROM a\nENV A="b C=d" E=f\nARG G H=i\n')
    assert [one.names for one in made[1:]] == [["A", "E"], ["G", "H"]]


def test_the_exec_form_is_words_and_the_shell_form_none():
    made = instructions('FROM a\nENTRYPOINT ["b", "c d"]\nCMD e f\n')
    assert [one.words for one in made[1:]] == [["b", "c d"], None]
    assert made[2].text == "e f"


def test_what_is_copied_comes_from_the_folder_and_not_from_a_stage_the_internet_or_the_file_itself():
    first = until(instructions(STAGES), "first")
    assert sources(first) == ["one.txt", "folder/", "with a space.txt", "three.txt"]


def test_a_stage_ends_where_the_next_begins_and_its_name_has_no_case():
    made = instructions(STAGES)
    assert sources(until(made, "second")) == sources(until(made, "")) == sources(made)
    assert sources(made)[-1] == "five.txt"
    assert [one.line for one in last_stage(made)] == [17, 18, 19]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a\nFORM b\n", "line 2: unknown instruction: FORM"),
        ("FROM a\nCMD [1]\n", "line 2: Only strings"),
        ("FROM a\nENV A\n", "line 2: ENV must have two arguments"),
        ("FROM a\nCOPY <<EOF /b\nc\n", "line 2: unterminated heredoc"),
    ],
)
def test_what_no_builder_takes_is_refused_with_its_line(text, said):
    with pytest.raises(DockerfileError) as caught:
        instructions(text)
    assert str(caught.value).startswith(said)


def test_a_stage_that_is_not_there_is_named():
    with pytest.raises(DockerfileError, match="has no stage third"):
        until(instructions(STAGES), "third")


def test_an_empty_file_has_no_instruction():
    assert instructions("") == last_stage([]) == sources([]) == []

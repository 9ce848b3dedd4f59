"""Whether a script ends by giving way to a program."""

import pytest

from harness.base.shell_script import commands

BECOMES = [
    "exec program",
    'exec "$@"',
    "exec program >&2 # and no more",
    "exec \\\n  program \\\n  'a\nb'",
    "exec env A=1 program",
    "exec -a name program",
    "exec $(which program)",
    "exec 2>&1\nexec program",
    "cd / && exec program",
    "watch &\nexec program",
    "exec\tprogram\r\n",
    "exec program 'a | b & c; d'",
]
STAYS = [
    "program",
    "exec",
    "exec 2>&1",
    "exec >log 2>&1",
    "exec 3<&0",
    "exec {log}>file",
    "exec &>log",
    "exec # program",
    "exec -a name",
    "exec program &",
    "exec program | tee log",
    "cat list | exec program",
    "cat list |\n  exec program",
    "(exec program)",
    "exec program; program",
    "program exec",
    "exec <<END\nprogram\nEND",
]


@pytest.mark.parametrize(
    ("text", "becomes"), [*((text, True) for text in BECOMES), *((text, False) for text in STAYS)]
)
def test_the_last_command_says_what_becomes_of_the_shell(text, becomes):
    assert commands(f"#!/bin/sh\nset -eu\n{text}\n")[-1].becomes_a_program is becomes


def test_a_command_knows_its_line_and_its_text():
    last = commands("#!/bin/sh\n\n# a comment that doesn't end\nset -e; exec 2>&1  # why\n")[-1]
    assert (last.line, last.text, last.words) == (4, "exec 2>&1", ("exec",))


@pytest.mark.parametrize(
    ("text", "stops"),
    [("set -e", True), ("set -ue", True), ("set -o errexit", True), ("set -u", False), ("setx -e", False)],
)
def test_whether_a_script_stops_at_errors(text, stops):
    assert commands(text)[0].stops_at_errors is stops


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing", "#!/bin/sh"])
def test_a_script_may_have_no_command(text):
    assert commands(text) == []

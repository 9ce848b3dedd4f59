"""What others install: the harness alone, with its own dependencies, in an environment that has nothing else.

Nothing is fetched: the dependencies are those of our own environment, which are at the versions of constraints.txt.
"""

import ast
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import harness
from harness.base import pace
from harness.base.project import SOURCE
from harness.tests.environments import PROJECT, environment_in, wheel_in

NAME = PROJECT["project"]["name"]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return wheel_in(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """A folder with the package and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel and what its core depends on."""
    folder = tmp_path_factory.mktemp("environment")
    return environment_in(folder, PROJECT["project"]["dependencies"], wheel)


def run(*argv, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in argv],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * pace.factor(),
    )


def test_it_holds_the_harness_and_nothing_else(bare):
    found = {path.relative_to(bare).parts[0] for path in bare.rglob("*") if path.is_file()}
    information = f"{NAME.replace('-', '_')}-{PROJECT['project']['version']}.dist-info"
    assert found == {"harness", information}
    files = [path.relative_to(bare).as_posix() for path in bare.rglob("*")]
    assert "harness/py.typed" in files
    assert "harness/README.md" in files
    assert [name for name in files if re.search(r"(^|/)(tests?/|test_|conftest|__pycache__)", name)] == []


def test_it_has_what_git_has(bare):
    """A file that a program reads and the build forgets is missed by nobody but who has installed it."""
    tracked = subprocess.run(
        ["git", "ls-files", "harness"], cwd=SOURCE, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wanted = {name for name in tracked if "/tests/" not in name and (SOURCE / name).exists()}
    assert {name for name in wanted if not (bare / name).exists()} == set()


def test_it_says_what_it_is_and_needs_nothing_of_the_service(bare):
    (path,) = bare.glob("*.dist-info/METADATA")
    said = message_from_string(path.read_text())
    assert (said["Name"], said["Version"]) == (NAME, PROJECT["project"]["version"])
    assert said.get_payload().startswith((SOURCE / "harness/README.md").read_text()[:100])
    needed = {Requirement(text).name.lower() for text in said.get_all("Requires-Dist")}
    assert not needed & {"fastapi", "sqlalchemy", "openai", "alembic", "flower", NAME}


def test_a_bare_environment_can_import_it(bare):
    program = (
        "import sys, harness\n"
        "print(harness.__file__)\n"
        "print(*{m.partition('.')[0] for m in sys.modules} - {*sys.stdlib_module_names} - {'__main__'})"
    )
    done = run(sys.executable, "-S", "-E", "-c", program, folder=bare)
    assert done.returncode == 0, done.stderr
    where, others = done.stdout.splitlines()
    assert Path(where) == bare / "harness/__init__.py"
    assert others.split() == ["harness"]


def test_the_command_answers_with_the_core_alone(installed, tmp_path):
    command = installed / "bin/harness"
    told = run(command, "--help", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "up" in told.stdout
    assert run(command, "--version", folder=tmp_path).stdout.split() == [NAME, PROJECT["project"]["version"]]


def test_every_name_is_there_with_the_core_alone(installed, tmp_path):
    program = (
        "import sys, harness\n"
        "names = harness.__all__\n"
        "found = [getattr(harness, name) for name in names]\n"
        "loaded = {m.partition('.')[0].lower() for m in sys.modules}\n"
        "print(loaded & {'fastapi', 'sqlalchemy', 'openai', 'locust', 'app', 'scenarios', 'loadtests'}, len(found))"
    )
    done = run(installed / "bin/python", "-c", program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["set()", str(len(harness.__all__))]


def test_supervisor_and_proxy_start_from_where_they_are_installed(installed, tmp_path):
    """By `-S -E`, which knows no site-packages: they are found by the folder that holds the package."""
    program = """
import sys, tempfile
from pathlib import Path
import harness
from harness.nodes.links import Links
from harness.nodes.supervisor_client import SupervisorClient

assert "site-packages" in harness.__file__, harness.__file__
folder = Path(tempfile.mkdtemp())
with SupervisorClient.start(folder / "supervisor.log") as supervisor:
    links = Links.start(supervisor, folder, folder / "proxy.log")
    links.add("there", "127.0.0.1:9")
    print(links.outside("there").partition(":")[0])
    links.close()
print((folder / "supervisor.log").read_text(), (folder / "proxy.log").read_text())
"""
    done = run(installed / "bin/python", "-c", program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["127.0.0.1"]


def third_party(module: Path) -> set[str]:
    """The top-level names of what a file imports from others, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found} - {*sys.stdlib_module_names, "harness"}


def test_whatever_it_imports_is_declared():
    """By the core or an extra; what is only somebody else's dependency may be gone tomorrow."""
    extras = PROJECT["project"]["optional-dependencies"]
    declared = {
        Requirement(text).name.lower().replace("_", "-")
        for needs in (PROJECT["project"]["dependencies"], *extras.values())
        for text in needs
    }
    brought = packages_distributions()
    lacking = {
        (name, path.relative_to(SOURCE).as_posix())
        for path in (SOURCE / "harness").rglob("*.py")
        if "tests" not in path.parts
        for name in third_party(path)
        if not {each.lower().replace("_", "-") for each in brought.get(name, [name])} & declared
    }
    assert lacking == set()


def test_all_is_every_extra():
    extras = PROJECT["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    assert Requirement(everything).extras == {*extras} - {"all"}


def test_make_has_a_target_for_it():
    makefile = (SOURCE / "Makefile").read_text()
    assert re.search(r"^wheel: .*## ", makefile, re.MULTILINE)

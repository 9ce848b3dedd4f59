import dataclasses
import math
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from harness.substrates import doctor
from harness.substrates.binaries import BinariesMissingError
from harness.substrates.doctor import Machine, as_table, examine, runnable
from harness.substrates.engine.images import Choice, Source

HEALTHY = Machine(
    python=(3, 11),
    system="Linux",
    architecture="x86_64",
    root=False,
    nobody=True,
    postgres="",
    valkey="",
    room={"memory": 2**30, "disk": 2**20},
    engine="",
    images=(Choice("postgres:17", Source.OFFICIAL, there=True), Choice("mine:8", Source.NAMED, there=True)),
    compose="2.26.1",
    browser="",
    cores=2,
    files=1024,
)


def changed(**facts):
    """The needs that are not ok on a machine that is healthy but for these facts."""
    return [need for need in examine(dataclasses.replace(HEALTHY, **facts)) if not need.ok]


def test_a_healthy_machine_runs_everything():
    assert changed() == []
    assert runnable(examine(HEALTHY)) == ["embedded", "containers", "image"]


@pytest.mark.parametrize(
    ("what", "facts", "detail", "remedy", "runs"),
    [
        ("Python", {"python": (3, 10)}, "3.10", "make setup PYTHON=python3.11", []),
        ("platform", {"system": "Windows", "architecture": "AMD64"}, "Windows AMD64", "wsl --install", []),
        ("platform", {"architecture": "armv7l"}, "Linux armv7l", "x86-64 or ARM", []),
        ("PostgreSQL", {"postgres": "not installed"}, "not installed", "make setup", ["containers", "image"]),
        ("Valkey", {"valkey": "not installed"}, "not installed", "make setup", ["containers", "image"]),
        (
            "server user",
            {"root": True, "nobody": False},
            "we are root and there is no user nobody",
            "useradd --system",
            ["containers", "image"],
        ),
        (
            "room for data",
            {"room": {"memory": 64 * 2**20, "disk": 2**28}},
            "0.2 GiB in disk",
            "export TMPDIR=",
            ["containers", "image"],
        ),
        ("room for data", {"room": {}}, "no folder", "export TMPDIR=", ["containers", "image"]),
        *(
            ("Docker engine", {"engine": why}, why, f"unset {variable}   # or correct it", ["embedded"])
            for variable, why in {
                "DOCKER_HOST": "tcp://[::1 by DOCKER_HOST: Invalid IPv6 URL",
                "TESTCONTAINERS_HOST_OVERRIDE": "TESTCONTAINERS_HOST_OVERRIDE is no IPv4 address",
                "DOCKER_CONTEXT": "DOCKER_CONTEXT names the context 'lost', which there is not",
                "DOCKER_TLS_VERIFY": "DOCKER_TLS_VERIFY asks for what DOCKER_CERT_PATH has not.",
            }.items()
        ),
        (
            "Docker engine",
            {"engine": "this is Podman 4: start a Docker engine or name one by DOCKER_HOST"},
            "Podman",
            "apt-get install docker.io",
            ["embedded"],
        ),
        ("Docker engine", {"engine": "refused"}, "refused", "apt-get install docker.io", ["embedded"]),
        (
            "Docker engine",
            {"engine": "unix:///var/run/docker.sock: [Errno 13] Permission denied"},
            "[Errno 13] Permission denied",
            "usermod -aG docker",
            ["embedded"],
        ),
        (
            "Docker engine",
            {"engine": "unix:///var/run/docker.sock: [Errno 111] Connection refused"},
            "[Errno 111] Connection refused",
            "service docker start",
            ["embedded"],
        ),
        (
            "Docker engine",
            {"engine": "refused", "system": "Darwin"},
            "refused",
            "brew install colima",
            ["embedded"],
        ),
        (
            "images",
            {"images": (Choice("postgres:17", Source.OFFICIAL, there=False),)},
            "to be pulled: postgres:17",
            "harness images build",
            ["embedded", "containers", "image"],
        ),
        ("Compose", {"compose": ""}, "none", "apt-get install", ["embedded", "containers", "image"]),
        (
            "browser",
            {"browser": "has no chromedriver"},
            "no chromedriver",
            "apt-get install chromium chromium-driver",
            ["embedded", "containers", "image"],
        ),
        (
            "browser",
            {"browser": "none", "system": "Darwin"},
            "none",
            "brew install --cask google-chrome chromedriver",
            ["embedded", "containers", "image"],
        ),
        ("cores", {"cores": 1}, "1", "2 cores or more", ["embedded", "containers", "image"]),
        ("open files", {"files": 256}, "256", "ulimit -n 4096", ["embedded", "containers", "image"]),
    ],
)
def test_what_is_not_there_is_found_with_its_remedy(what, facts, detail, remedy, runs):
    needs = changed(**facts)
    assert [need.what for need in needs] == [what]
    assert detail in needs[0].detail
    assert remedy in needs[0].remedy
    assert runnable(needs) == runs


def test_it_says_where_each_image_comes_from():
    (shown,) = (need.detail for need in examine(HEALTHY) if need.what == "images")
    assert shown == "postgres:17 (official), mine:8 (yours)"


def test_root_is_fine_where_there_is_nobody_and_unlimited_files_are_enough():
    assert changed(root=True, files=math.inf) == []


def test_data_goes_to_memory_where_it_fits_and_to_the_temporary_folder_else():
    def chosen(room):
        return next(
            f.detail for f in examine(dataclasses.replace(HEALTHY, room=room)) if f.what == "room for data"
        )

    assert chosen({"memory": 2**30, "disk": 2**40}) == "1.0 GiB in memory"
    assert chosen({"memory": 2**20, "disk": 2**40}) == "1024.0 GiB in disk"


def test_the_table_shows_a_remedy_only_where_something_is_missing():
    console = Console(width=120)
    with console.capture() as shown:
        console.print(
            as_table(examine(dataclasses.replace(HEALTHY, engine="[Errno 2] no such file", cores=1)))
        )
    text = shown.get()
    assert "[Errno 2] no such file" in text
    assert "apt-get install docker.io" in text
    assert "make setup" not in text
    assert text.count(" no ") == 2 + text.count("no such")


def test_the_probe_reads_this_machine(monkeypatch):
    def missing():
        raise BinariesMissingError("not for this machine")

    monkeypatch.setattr("harness.substrates.binaries.postgres", missing)
    monkeypatch.setattr("harness.substrates.binaries.valkey", lambda: "a folder")
    monkeypatch.setattr("harness.substrates.binaries.UNPRIVILEGED_USER", "no-such-user-here")
    monkeypatch.setenv("DOCKER_HOST", "ssh://elsewhere")
    monkeypatch.setenv("PATH", "/nowhere")
    machine = Machine.probe()
    assert machine.python == sys.version_info[:2]
    assert (machine.postgres, machine.valkey) == ("not for this machine", "")
    assert not machine.nobody
    assert tempfile.gettempdir() in machine.room
    assert machine.cores >= 1
    assert "ssh reaches the engine but not the ports" in machine.engine
    assert "neither Chromium nor Chrome" in machine.browser


@pytest.fixture
def short_folder():
    """A path short enough for a unix socket, on macOS too."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="doctor-") as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("program", "script", "version"),
    [
        ("docker", "echo 2.26.1", "2.26.1"),
        ("docker-compose", "echo 1.29.2", "1.29.2"),
        ("docker", "exit 1", ""),
        ("podman", "echo 5", ""),
    ],
)
def test_compose_is_asked_for_its_version(short_folder, monkeypatch, program, script, version):
    path = short_folder / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(short_folder))
    assert doctor.compose_version() == version

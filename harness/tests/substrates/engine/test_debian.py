"""Base images need root, debootstrap and a mirror; what is missing is said in a sentence."""

import os
import tarfile
from types import SimpleNamespace

import docker.errors
import pytest

from harness.substrates.engine import debian as module
from harness.substrates.engine.debian import debian, mirror
from harness.substrates.engine.debian_images import certificates
from harness.substrates.engine.engine import EngineError

DEBIAN = "Debian main http://mirror.example/debian/"
DEBOOTSTRAP = """
echo "I: Retrieving from $4"
mkdir -p $3/etc/apt/apt.conf.d $3/usr/share/man/man1
echo page >$3/usr/share/man/man1/page.1
ln -s usr/bin $3/bin
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Programs of a name and what they do, and no others."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(module.MIRROR, raising=False)
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def program(name, script):
        (folder / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (folder / name).chmod(0o755)

    return program


@pytest.fixture
def engine():
    """One that has no image until it imports one, and lists what was in it."""
    found = {}

    def import_image(archive, repository, tag):
        with tarfile.open(fileobj=archive) as tar:
            found[f"{repository}:{tag}"] = tar.getnames()

    def get(name):
        if name not in found:
            raise docker.errors.ImageNotFound(name)

    client = SimpleNamespace(
        images=SimpleNamespace(get=get), api=SimpleNamespace(import_image_from_data=import_image)
    )
    return SimpleNamespace(client=client, found=found)


def test_it_is_made_once_from_the_machines_own_mirror_without_what_only_people_read(engine, programs):
    programs("apt-get", f"echo '{DEBIAN}'; echo Debian main http://other.example/updates")
    programs("debootstrap", DEBOOTSTRAP)
    steps = []
    assert debian(engine, "trixie", steps.append) == "celery-harness/debian:trixie"
    assert steps == [
        "debootstrap trixie: Retrieving from http://mirror.example/debian/",
        "importing celery-harness/debian:trixie",
    ]
    names = engine.found["celery-harness/debian:trixie"]
    assert {"bin", "usr/share/man/man1", "etc/apt/apt.conf.d/90lean"} <= set(names)
    assert "usr/share/man/man1/page.1" not in names
    debian(engine, "trixie", steps.append)
    assert len(steps) == 2


def test_another_mirror_may_be_named(monkeypatch):
    monkeypatch.setenv(module.MIRROR, "http://near.example/debian")
    assert mirror() == "http://near.example/debian"


@pytest.mark.parametrize(
    ("apt", "reason"),
    [
        (None, "apt names no mirror"),
        ("exit 1", "apt names no mirror"),
        ("echo Ubuntu main http://mirror.example/ubuntu", "are not Debian's"),
        ("true", "or empty"),
    ],
)
def test_a_machine_without_a_debian_mirror_is_told_how_to_name_one(programs, apt, reason):
    if apt:
        programs("apt-get", apt)
    with pytest.raises(EngineError, match=reason) as raised:
        mirror()
    assert module.MIRROR in str(raised.value)


def test_without_root_or_debootstrap_it_is_said_what_is_missing(engine, programs, monkeypatch):
    with pytest.raises(EngineError, match="apt-get install debootstrap"):
        debian(engine, "trixie")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match="needs root: sudo harness images build"):
        debian(engine, "trixie")


def test_what_debootstrap_said_is_shown_where_it_fails(engine, programs):
    programs("apt-get", f"echo '{DEBIAN}'")
    programs("debootstrap", "echo 'E: no such suite'; exit 1")
    with pytest.raises(EngineError, match="debootstrap trixie failed:\nE: no such suite"):
        debian(engine, "trixie")
    assert not engine.found


def test_the_python_image_trusts_whom_the_machine_trusts(tmp_path):
    (tmp_path / "mine.pem").write_text("mine")
    assert certificates({"SSL_CERT_FILE": str(tmp_path / "mine.pem"), "PIP_CERT": "/none"}) == b"mine"
    assert certificates({"SSL_CERT_FILE": "/none", "PIP_CERT": str(tmp_path / "mine.pem")}) == b"mine"
    assert b"BEGIN CERTIFICATE" in certificates({})

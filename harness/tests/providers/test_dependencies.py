"""Providers run in an image that has next to nothing: they must not need more, nor anything of the application's."""

import json
import subprocess
import sys

import pytest

from harness.base.run import ROOT

ALLOWED = {
    "_distutils_hack",
    "sitecustomize",  # of the Python of a distribution
    "click",
    "h11",
    "httptools",
    "msgspec",
    "uvicorn",
    "uvloop",
    "typing_extensions",
    "websockets",
}
OURS = {"harness", "__main__", "__mp_main__"}
PROGRAM = (
    "import importlib, json, sys\n"
    "importlib.import_module(sys.argv[1])\n"
    "print(json.dumps([m for m in sys.modules if m.partition('.')[0] not in {*sys.stdlib_module_names}]))"
)


@pytest.mark.parametrize("module", ["harness.providers.http.__main__", "harness.providers.openai.__main__"])
def test_a_provider_needs_a_server_and_a_codec(module):
    command = [sys.executable, "-c", PROGRAM, module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {name.partition(".")[0] for name in json.loads(done.stdout)}
    found = {name for name in found if "cython" not in name}  # httptools' and uvloop's own
    assert found - OURS <= ALLOWED
    assert "msgspec" in found

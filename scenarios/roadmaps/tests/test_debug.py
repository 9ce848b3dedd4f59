"""`harness up --debug`: breakpoints in `app/` are hit, in the API and in the workers."""

import threading
from pathlib import Path

import pytest

from harness.base.wait import eventually
from harness.nodes.debug import doors, folder_of
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec
from harness.tests.debugger import Debugger
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = pytest.mark.e2e


def line_of(path, text):
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("role", "file", "text"),
    [
        (API, "app/api/roadmaps.py", "accepted = await within(ANSWER_SECONDS, write())"),
        (CONTENT, "app/tasks/content.py", "runtime().run(_generator()"),
        (LOGS, "app/tasks/logs.py", "runtime().run(store_batch("),
    ],
)
def test_a_breakpoint_in_the_service_is_hit(role, file, text):
    """A debugger that attaches where `up` says stops at the line, and shows where it is."""
    path = ROOT / file
    stack = Stack(StackSpec(tier="starter", env={"UVICORN_WORKERS": "1"}, debug=(role,)), "debug")
    stack.start()
    try:
        (door,) = eventually(lambda: doors(folder_of(stack.run.data, role)), timeout=20, what="a door")
        with stack.client() as client, Debugger(door.port) as debugger:
            user = client.sign_up()
            debugger.stop_at(path, line_of(path, text))
            asking = threading.Thread(
                target=user.request, args=("POST", "/api/v1/roadmaps"), kwargs={"json": {"topic": "Rust"}}
            )
            asking.start()
            frame = debugger.wait()
            asking.join(30)
        assert (Path(frame["source"]["path"]), frame["line"]) == (path, line_of(path, text))
    finally:
        stack.stop()

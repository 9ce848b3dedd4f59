"""What a role may do in its container: as little as it needs."""

import psutil
import pytest

from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.needs("limits")]


@pytest.mark.stack(omit=())
def test_no_process_of_a_role_is_root(system):
    """In the image that is deployed no process of any role is root, or has any of its capabilities."""
    for name in (API, LOGS, CONTENT, FLOWER):
        first = psutil.Process(system.node(name).pid)
        for process in (first, *first.children(recursive=True)):
            assert set(process.uids()) == {10001}, (name, process)
            capabilities = [
                line.split()[1] for line in status(process) if line.startswith(("CapEff", "CapPrm", "CapAmb"))
            ]
            assert {int(capability, 16) for capability in capabilities} == {0}, (name, process)


def status(process):
    """The kernel's status of a process of this machine."""
    with open(f"/proc/{process.pid}/status") as opened:  # noqa: PTH123 - no file
        return opened.readlines()

"""Programs that run inside a container of a role, which has Python and Linux but no code of ours."""

from harness.nodes.process import TRACKER

_STATUS = """
import os, pathlib, signal
def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
pids = sorted(int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit())
"""

# See Process.kill_child; process 1 is the init, its child the worker.
KILL_CHILD = f"""{_STATUS}
workers = [str(pid) for pid in pids if status(pid)["PPid"] == "1"]
pool = [
    pid for pid in pids
    if status(pid)["PPid"] in workers and b"{TRACKER}" not in pathlib.Path(f"/proc/{{pid}}/cmdline").read_bytes()
]
for pid in sorted(pool, key=lambda pid: int(status(pid)["Threads"]) == 1)[:1]:
    os.kill(pid, signal.SIGKILL)
    print(pid)
"""

# Descriptors, bytes and seconds of processor time, of all processes but this one.
USE = f"""{_STATUS}
descriptors = memory = ticks = 0
for pid in pids:
    if pid != os.getpid():
        descriptors += len(os.listdir(f"/proc/{{pid}}/fd"))
        rollup = pathlib.Path(f"/proc/{{pid}}/smaps_rollup").read_text()
        memory += 1024 * next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        ticks += sum(map(int, pathlib.Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()[11:13]))
print(descriptors, memory, ticks / os.sysconf("SC_CLK_TCK"))
"""

"""The address of a span collector: roles get it before a collector listens there, and not every test starts one."""

import atexit

from harness.nodes.ports import ReservedPort

COLLECTOR = ReservedPort()
atexit.register(COLLECTOR.close)

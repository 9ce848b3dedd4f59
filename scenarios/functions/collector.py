"""Where a collector of spans will listen: roles are told of it before there is one, and there is not always one."""

import atexit

from harness.nodes.ports import ReservedPort

COLLECTOR = ReservedPort()
atexit.register(COLLECTOR.close)

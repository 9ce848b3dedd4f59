"""Load on a deployment, as any Locust file: `locust -f loadtests/locustfile.py --host URL`; without one, on a stack it starts.

Locust patches this process (gevent), so it must never import `app`, and from `harness` only `harness.load.locust` and its imports. Code that
needs more runs in another process.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # `locust -f` knows only this file's own folder

from harness.load.locust.session import take_part
from loadtests.traffic import TRAFFIC
from loadtests.users import Author, Reader

__all__ = ["Author", "Reader", "Shape"]
Shape = take_part(TRAFFIC, author=Author, reader=Reader)

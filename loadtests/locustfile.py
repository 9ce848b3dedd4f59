"""Load on a deployment, as any Locust file: `locust -f loadtests/locustfile.py --host URL`; without one, on a stack it starts.

This process must never import `app`, and of `harness` nothing but `harness.load.locust` and what that needs: Locust has patched
its world (gevent). What needs more stands beside it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # `locust -f` knows only this file's own folder

from harness.load.locust.session import take_part
from loadtests.traffic import TRAFFIC
from loadtests.users import Author, Reader

__all__ = ["Author", "Reader", "Shape"]
Shape = take_part(TRAFFIC, author=Author, reader=Reader)

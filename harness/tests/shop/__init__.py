"""A second application: a shop of two roles, so that the harness is tried on something that is no product of ours.

`project/` is what a stranger would write; nothing of the harness's own tests is in it.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).with_name("project")
sys.path.append(str(PROJECT))  # as harness.base.project does for whoever works in it

from stack import app as shop  # noqa: E402

__all__ = ["PROJECT", "shop"]

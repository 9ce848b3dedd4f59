"""Changes one statement of one module. An interpreter imports this file before all else, if its folder is on PYTHONPATH.

Standard library only, and nothing of ours: it runs in the product's processes.
"""

import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType

MODULE, STATEMENT, INSTEAD = json.loads(os.environ["HARNESS_SABOTAGE"])


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles the source with the other statement; nothing is written to disk."""

    def get_code(self, fullname: str) -> CodeType:
        """See importlib.abc.InspectLoader.

        Raises:
            ImportError: the statement is not there exactly once.
        """
        source = self.get_data(self.path).decode()
        if source.count(STATEMENT) != 1:
            raise ImportError(f"{fullname} has {source.count(STATEMENT)} times what is to be replaced")
        changed: CodeType = self.source_to_code(source.replace(STATEMENT, INSTEAD).encode(), self.path)
        return changed


class Finder:
    """Finds that one module."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if fullname != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = Loader(fullname, spec.origin)
        return spec


sys.meta_path.insert(0, Finder)  # a class with this method is enough

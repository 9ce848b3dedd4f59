"""Write what is checked into the guide: `python -m harness.providers.openai.strict [docs/openai.md]`."""

import sys
from pathlib import Path

from harness.providers.openai.strict.claim import write
from harness.providers.openai.strict.description import DescriptionError
from harness.providers.program import USAGE

GUIDE = Path("docs/openai.md")


def main() -> int:
    """Write it."""
    guide = Path(sys.argv[1]) if sys.argv[1:] else GUIDE
    try:
        changed = write(guide)
    except (DescriptionError, OSError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return USAGE
    print(f"{guide} {'has changed' if changed else 'was current'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

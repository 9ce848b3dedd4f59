"""`python -m harness.fake_openai`, as the scripted OpenAI was run before it had a room: the same program, harness.providers.openai."""

import sys

from harness.providers.openai.__main__ import main

if __name__ == "__main__":
    sys.exit(main("python -m harness.fake_openai"))

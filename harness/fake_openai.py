"""`python -m harness.fake_openai`, the former name of the scripted OpenAI's program, which is now harness.providers.openai."""

import sys

from harness.providers.openai.__main__ import main

if __name__ == "__main__":
    sys.exit(main("python -m harness.fake_openai"))

"""`python -m loadtests`."""

from harness.load.cli import main
from loadtests.declaration import LOAD_TEST

if __name__ == "__main__":
    main(LOAD_TEST)

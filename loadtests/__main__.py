"""`python -m loadtests`."""

from harness.load.cli import main

if __name__ == "__main__":
    main()

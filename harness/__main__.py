"""`python -m harness`: the command `harness`, where its folder of programs is not on the path."""

from harness.cli import main

if __name__ == "__main__":
    main()

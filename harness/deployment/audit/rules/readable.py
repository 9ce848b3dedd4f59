"""Every file that is judged can be read."""

from harness.deployment.audit.rule import Rule

READABLE = Rule(
    name="readable",
    states="every file that is judged is a text in UTF-8, where it is there at all",
    why="nothing can be said of what nobody can read, and whoever builds or deploys by it stumbles over the same bytes",
    judge=lambda _: (),  # whichever rule stumbles over such a file says so in its name
    of_files=True,
)

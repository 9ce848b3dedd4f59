"""The files can be read at all; the loader refuses what is missing, unknown or of the wrong type."""

from harness.deployment.audit.rule import Rule

DECLARATION = Rule(
    name="declaration",
    states="the files that declare a deployment are complete, and nothing in them is unknown",
    why="a key with a typing error would silently not be deployed",
    judge=lambda _: (),  # who has a subject has read them
    of_files=True,
)

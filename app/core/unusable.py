"""What a role was given and cannot use: waiting does not mend it, so the role ends, with 78 and one sentence."""


class UnusableError(Exception):
    """A setting that looks right and turned out wrong when it was used.

    Args:
        problem: a sentence that names the variable, what is wrong and how to mend it; never a value.
    """

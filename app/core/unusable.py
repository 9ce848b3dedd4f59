"""The error of a setting that cannot be used: waiting does not help, so the role ends with exit code 78 and one sentence."""


class UnusableError(Exception):
    """A setting that looks right and turned out wrong when it was used.

    Args:
        problem: a sentence that names the variable, what is wrong and how to mend it; never a value.
    """

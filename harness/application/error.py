"""What is wrong with a declaration."""


class DeclarationError(Exception):
    """An application is declared in a way that cannot be started; says what, and what to write instead."""

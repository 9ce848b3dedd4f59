"""One stack's part of servers that the stacks of a session share."""


class Share:
    def keep(self) -> None: ...

    def close(self) -> None: ...

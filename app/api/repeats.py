"""What an address says twice is said once: 3,000 times the same parameter is read, checked and answered like one."""


def each_parameter_once(address: bytes) -> bytes:
    """The address without what it repeats letter by letter; which of the rest is meant is the route's to say.

    Args:
        address: of a request, as it came.
    """
    path, mark, query = address.partition(b"?")
    if b"&" not in query:
        return address
    return path + mark + b"&".join(dict.fromkeys(_one_round(query).split(b"&")))


def _one_round(query: bytes) -> bytes:
    """Of parameters that come round and round, those of the first round: to look for the second one is a tenth of comparing each."""
    every = b"&" + query + b"&"
    first = every[: every.index(b"&", 1) + 1]
    round_ = every.find(first, 1)
    if round_ < 0 or (every[:round_] * (len(every) // round_ + 1))[: len(every)] != every:
        return query
    return every[1:round_]

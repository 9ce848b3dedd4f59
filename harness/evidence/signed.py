"""A signed file: it has a digest of itself, which shows that nobody has changed it since."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

SIGNED = "signed"  # the digest, in the file

T = TypeVar("T")


class UnsignedError(Exception):
    """There is no such file, or it was changed since it was signed off."""


def write_signed(path: Path, told: object) -> None:
    """Write it, whole or not at all.

    Args:
        path: of the file.
        told: a dataclass.
    """
    plain = msgspec.to_builtins(told)
    written = path.with_suffix(".new")
    written.write_text(json.dumps({**plain, SIGNED: _digest(plain)}, indent=1), encoding="utf-8")
    written.replace(path)


def read_signed(path: Path, kind: type[T]) -> T:
    """Read what was written.

    Args:
        path: of the file.
        kind: the dataclass that it must be.

    Raises:
        UnsignedError: it is missing, was changed, or is of another form; says which.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        signed = told.pop(SIGNED)
        if signed != _digest(told):
            raise UnsignedError(f"{path.name} is not as it was signed off")
        return msgspec.convert(told, kind)
    except FileNotFoundError:
        raise UnsignedError(f"{path.name} is missing: nobody has signed off what was judged") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnsignedError(f"{path.name} cannot be read: {type(error).__name__}: {error}") from None


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

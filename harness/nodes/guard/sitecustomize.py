"""Hides `.env` files and refuses connections to servers outside the run. An interpreter imports it first, if its folder is on PYTHONPATH.

The declaration was judged before anything started. This file is for addresses in the code itself: a `.env` that it looks for, or
a default address. Standard library only, for any Python from 3.8: it runs in the processes of an application.

An audit hook sees each connection that Python makes, and refuses it with a message. It does not see libraries in C, such as
libpq: so on Linux 6.7 or newer the kernel lets this process and its children connect only to the ports of this run's servers
(Landlock).
"""

from __future__ import annotations

import builtins
import contextlib
import fnmatch
import importlib.util
import io
import json
import os
import socket
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "allowed.json"), encoding="utf-8") as _file:
    ALLOWED = {tuple(pair) for pair in json.load(_file)}
HIDDEN = (".env", ".env.*", "*.env")
QUIET_SOCKETS = ("/dev/log", "/var/run/syslog")  # sockets of the machine's log, which are harmless
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # system calls, the same on every machine
NO_NEW_PRIVILEGES, NET_PORT, CONNECT_TCP, FROM_ABI = 38, 2, 2, 4  # linux/prctl.h and linux/landlock.h
ITSELF = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", socket.gethostname()}
CONNECTS = {"socket.connect", "socket.sendto"}

_open, _stat = builtins.open, os.stat


def hidden(path: Any) -> bool:
    """Whether it is a file of variables that the declaration does not name."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return False
    name = os.path.basename(os.fsdecode(path))
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in HIDDEN)


def opened(file: Any, *arguments: Any, **options: Any) -> Any:
    """As open(), but such a file is hidden."""
    return _open(os.devnull if hidden(file) else file, *arguments, **options)


def looked_at(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
    """As os.stat(), but such a file is hidden."""
    if hidden(path):
        raise FileNotFoundError(2, "the harness shows roles no file of variables that is not named", path)
    return _stat(path, *arguments, **options)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that refuses connections to servers outside the run, and look-ups of their addresses."""
    if event in CONNECTS:
        address = arguments[1]
        if isinstance(address, tuple) and len(address) > 1:
            host, port = address[0], address[1]
            if isinstance(host, bytes):
                host = host.decode()
            if not (host in ITSELF and int(port) in PORTS):
                refuse(f"{host}:{port}")
        elif isinstance(address, (str, bytes)) and address and not own_socket(os.fsdecode(address)):
            refuse(os.fsdecode(address))
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        host = host.decode() if isinstance(host, bytes) else host
        if host is not None and host not in ITSELF and not host.startswith("127."):
            refuse(str(host))


def own_socket(path: str) -> bool:
    """Whether a Unix socket is the application's own or has no name in the file system, and belongs to no server of this machine."""
    if path.startswith("\0") or path in QUIET_SOCKETS:
        return True
    where = os.path.realpath(path)
    own = [os.getcwd(), os.environ.get("TMPDIR", ""), os.environ.get("HOME", ""), os.path.dirname(HERE)]
    return any(where.startswith(os.path.realpath(folder) + os.sep) for folder in own if folder)


def confine() -> None:
    """Make the kernel refuse all TCP connections except to the ports of this run. Where it cannot, nothing changes."""
    import ctypes

    class Ruleset(ctypes.Structure):
        _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64)]

    class Port(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("access", ctypes.c_uint64), ("port", ctypes.c_uint64)]

    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1) < FROM_ABI:
        return
    rules = Ruleset(0, CONNECT_TCP)
    made = kernel.syscall(LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if made < 0:
        return
    try:
        for number in PORTS:
            port = Port(CONNECT_TCP, number)
            kernel.syscall(LANDLOCK_ADD, made, NET_PORT, ctypes.byref(port), 0)
        if kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            kernel.syscall(LANDLOCK_RESTRICT, made, 0)
    finally:
        os.close(made)


def refuse(whom: str) -> None:
    """Write it into the log, and raise it to the caller."""
    sys.stderr.write(f"harness: refused to reach {whom}, which is no server of this run\n")
    raise ConnectionRefusedError(111, f"roles reach the servers of their run alone, and not {whom}")


PORTS = {port for _host, port in ALLOWED}
builtins.open = io.open = opened
os.stat = looked_at
sys.addaudithook(watch)
if sys.platform == "linux":
    with contextlib.suppress(ImportError, OSError, AttributeError):
        confine()

for _folder in sys.path:  # import the sitecustomize that this one has replaced
    _path = os.path.join(_folder or os.curdir, "sitecustomize.py")
    if os.path.abspath(_folder or os.curdir) != HERE and os.path.isfile(_path):
        _spec = importlib.util.spec_from_file_location("harness_next_sitecustomize", _path)
        if _spec is not None and _spec.loader is not None:
            _spec.loader.exec_module(importlib.util.module_from_spec(_spec))
        break

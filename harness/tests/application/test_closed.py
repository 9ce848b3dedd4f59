"""Nothing that an application is given leads to a server that is not its run's; what does is refused before anything starts."""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from harness import App, Postgres, http
from harness.application import DeclarationError
from harness.application.closed import refuse_outside
from harness.base import pace
from harness.nodes.guard import guarded
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec


def little(tmp_path, env=None, **more):
    made = App("little", root=tmp_path, env=env or {}, **more)
    made.role("web", "web --host {host} --port {port}", ready=http("/"))
    return made


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:p@db.production.com:5432/app",
        "postgres://u@10.0.0.7/app",
        "postgresql+asyncpg://u@localhost/app",
        "postgresql:///app",
        "postgresql://%2Fvar%2Frun%2Fpostgresql/app",
        "postgresql:///app?host=db.production.com",
        "postgresql://{postgres.host}/app?host=db.production.com",
        "redis://127.0.0.1:6379/0",
        "rediss://default:secret@eu1.upstash.io:6379",
        "redis+socket:///tmp/redis.sock",
        "unix:///var/run/redis.sock",
        "sentinel://{postgres.host}:1;sentinel://other:26379",
        "amqp://guest@rabbit//",
        "https://api.stripe.com/v1",
        "host=db.production.com dbname=app",
        "server1:9092,server2:9092",
        "{redis/0},redis://spare:6379",
        "10.1.2.3",
        "db.production.com",
        "/var/run/postgresql/.s.PGSQL.5432",
        "[fd00::1]:6379",
        "http://user@{postgres.host}@evil.com/",
        '{{"redis": {{"host": "cache.production.com", "port": 6379}}}}',
        '{{"host": "cache"}}',
        "{{'default': {{'ENGINE': 'postgresql', 'HOST': 'db', 'NAME': 'app'}}}}",
        '[{{"url": "https:\\/\\/production.com\\/x"}}]',
        '{{"url": "https:\\u002f\\u002fproduction.com"}}',
        '"{{\\"brokers\\": [\\"kafka1\\", \\"kafka2\\"]}}"',
        "host: db.production.com",
        "//cache.production.com:6379",
        "//cdn",
        "dbname=app service=production",
        "postgresql://{postgres.host}/app?service=production",
        "a.internal, b.internal",
    ],
)
def test_an_address_that_leads_outside_is_refused(value, tmp_path):
    with pytest.raises(DeclarationError, match="leads to"):
        refuse_outside(little(tmp_path, {"ANYTHING": value}))


@pytest.mark.parametrize(
    "name", ["DB_HOST", "POSTGRES_SERVER", "REDIS_ADDR", "BROKER", "SEARCH_ENDPOINT", "HOST"]
)
@pytest.mark.parametrize("value", ["localhost", "db", "127.0.0.1", "db.internal"])
def test_a_variable_that_says_where_a_server_is_names_one_of_ours(name, value, tmp_path):
    with pytest.raises(DeclarationError, match="leads to"):
        refuse_outside(little(tmp_path, {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGSERVICE", "production"),
        ("PGSERVICEFILE", "/etc/pg_service.conf"),
        ("PGSYSCONFDIR", "/etc"),
        ("KAFKA_BROKERS", "kafka1,kafka2"),
        ("CACHE_NODES", "one two"),
        ("REDIS_HOST", "2130706433"),
        ("HTTP_PROXY", "proxy"),
        ("ALLOWED_REDIS_URL", "redis://production:6379"),
    ],
)
def test_a_name_that_says_what_its_value_means_is_read(name, value, tmp_path):
    with pytest.raises(DeclarationError, match="leads to"):
        refuse_outside(little(tmp_path, {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEATURES", '{{"host_header": true, "names": ["a", "b"], "level": "INFO"}}'),
        ("DATABASES", '{{"default": {{"HOST": "{postgres.host}", "PORT": "{postgres.port}"}}}}'),
        ("BROKERS", '["{redis/0}", "{redis/1}"]'),
        ("TAGS", "service=web,team=jobs"),
        ("ODD", "{{not json"),
        ("DIVIDES", "7 // 2"),
        ("FOLDER", "/srv//data"),
        ("REDIS_NODES", "3"),
        ("DATABASE_URL", "{postgres:postgresql+psycopg2}"),
        ("DB_HOST", "{postgres.host}"),
        ("DB_PORT", "{postgres.port}"),
        ("BROKER", "{redis/0}"),
        ("SITE", "https://site.invalid/path"),
        ("DJANGO_SETTINGS_MODULE", "config.settings.local"),
        ("CELERY_APP", "app.io"),
        ("ALLOWED_HOSTS", "example.com,localhost"),
        ("CORS_ORIGINS", "https://example.com"),
        ("CACHE", "locmem://"),
        ("SQLITE", "sqlite:////tmp/x.db"),
        ("AT", "12:30"),
        ("NUMBER", "3"),
        ("VERSION", "1.2.3"),
        ("LEVEL", "INFO"),
        ("SENDER", "somebody@site.com"),
        ("TOKEN", "{secret}"),
        ("EMPTY_URL", ""),
    ],
)
def test_what_leads_nowhere_else_is_left_alone(name, value, tmp_path):
    refuse_outside(little(tmp_path, {name: value}))


def test_commands_and_the_migration_are_looked_at_too(tmp_path):
    command = little(tmp_path)
    command.role("worker", "celery -A w -b redis://prod:6379/0 worker", queues=["q"])
    with pytest.raises(DeclarationError, match="the command of role worker"):
        refuse_outside(command)
    with pytest.raises(DeclarationError, match="the migration"):
        refuse_outside(
            little(tmp_path, postgres=Postgres(migrate="alembic -x url=postgresql://prod/app upgrade head"))
        )
    with pytest.raises(DeclarationError, match="the migration"):
        refuse_outside(little(tmp_path, postgres=Postgres(migrate="m", env={"URL": "postgresql://prod/app"})))


def test_nothing_is_started_for_one_that_leads_outside(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.stack.stack.substrate", lambda name: pytest.fail(f"{name} was started"))
    stack = Stack(StackSpec(), "closed", app=little(tmp_path, {"URL": "redis://prod:6379/0"}))
    with pytest.raises(DeclarationError, match="redis://prod:6379/0"):
        stack.start()


def test_a_file_of_variables_counts_as_said_where_it_is_named(tmp_path):
    (tmp_path / "some.env").write_text("# ours\nexport NAME='a {b}'\nURL=redis://prod:6379/0  # theirs\n\n")
    with pytest.raises(DeclarationError, match="redis://prod:6379/0"):
        refuse_outside(little(tmp_path, dotenv="some.env"))
    refuse_outside(little(tmp_path, {"URL": "{redis/0}"}, dotenv="some.env"))  # what is said here counts more
    refuse_outside(little(tmp_path))  # nobody reads it
    with pytest.raises(DeclarationError, match="cannot be read"):
        refuse_outside(little(tmp_path, dotenv="no.env"))


ASKS = """
import json, os, pathlib, socket, sys
said = {"isfile": os.path.isfile(".env"), "exists": pathlib.Path(".env.production").exists()}
said["read"] = open(".env").read() + pathlib.Path("prod.env").read_text()
said["other"] = pathlib.Path("plain.txt").read_text()
for name, port in (("ours", int(sys.argv[1])), ("theirs", int(sys.argv[2]))):
    try:
        with socket.create_connection(("127.0.0.1", port), 2):
            said[name] = "reached"
    except OSError as error:
        said[name] = type(error).__name__
try:
    socket.getaddrinfo("db.production.invalid", 5432)
except OSError as error:
    said["asked"] = type(error).__name__
print(json.dumps(said))
"""


def test_code_that_looks_for_a_file_of_variables_or_falls_back_to_a_stranger_finds_neither(tmp_path):
    for name in (".env", ".env.production", "prod.env"):
        (tmp_path / name).write_text("DATABASE_URL=postgresql://prod\n")
    (tmp_path / "plain.txt").write_text("plain")
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as production:
        reached = []

        def accept():
            with socket.socket():
                reached.append(production.accept())

        threading.Thread(target=accept, daemon=True).start()
        ports = [ours.getsockname()[1], production.getsockname()[1]]
        environment = guarded({"PATH": os.environ["PATH"]}, tmp_path / "guard", [f"127.0.0.1:{ports[0]}"])
        done = subprocess.run(
            [sys.executable, "-c", ASKS, *map(str, ports)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=30 * pace.factor(),
        )
        assert reached == []
    assert json.loads(done.stdout) == {
        "isfile": False,
        "exists": False,
        "read": "",
        "other": "plain",
        "ours": "reached",
        "theirs": "ConnectionRefusedError",
        "asked": "ConnectionRefusedError",
    }
    assert f"refused to reach 127.0.0.1:{ports[1]}" in done.stderr


def test_whoever_comes_after_the_guard_has_his_turn(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/sitecustomize.py").write_text("print('theirs')")
    environment = guarded({"PYTHONPATH": str(tmp_path / "theirs")}, tmp_path / "guard", [])
    done = subprocess.run(
        [sys.executable, "-c", "pass"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30 * pace.factor(),
    )
    assert done.stdout == "theirs\n"
    assert Path(environment["PYTHONPATH"].split(os.pathsep)[0]) == tmp_path / "guard"


RELIES_ON_C = """
import ctypes, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
for port in sys.argv[1:]:
    handle = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(port)), socket.inet_aton("127.0.0.1"))
    print("reached" if libc.connect(handle, address, len(address)) == 0 else "refused")
"""


def landlock() -> int:
    """The version of it that this kernel has; below 4 it knows nothing of ports."""
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) if sys.platform == "linux" else -1


@pytest.mark.skipif(
    landlock() < 4, reason="the kernel cannot refuse connections by their port: Linux 6.7 can"
)
def test_a_library_in_c_reaches_no_stranger_nor_does_a_child(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as production:
        ports = [str(server.getsockname()[1]) for server in (ours, production)]
        environment = guarded({"PATH": os.environ["PATH"]}, tmp_path / "guard", [f"127.0.0.1:{ports[0]}"])
        child = "import subprocess, sys; subprocess.run([sys.executable, '-I', *sys.argv[1:]])"
        for before in ([], ["-c", child]):  # the child's interpreter knows no guard
            done = subprocess.run(
                [sys.executable, *before, "-c", RELIES_ON_C, *ports],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
                timeout=60 * pace.factor(),
            )
            assert done.stdout.split() == ["reached", "refused"], done.stderr


ASKS_SOCKETS = """
import json, socket, sys
said = []
for path in sys.argv[1:]:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
            said.append("reached")
        except OSError as error:
            said.append(type(error).__name__)
print(json.dumps(said))
"""


def test_a_socket_of_a_server_of_this_machine_is_no_way_around(tmp_path):
    with tempfile.TemporaryDirectory(dir="/tmp") as short, contextlib.ExitStack() as open_ones:
        paths = [Path(short) / "theirs/pg.sock", Path(short) / "own/own.sock"]
        for path in paths:
            path.parent.mkdir()
            listening = open_ones.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(str(path))
            listening.listen()
        own = {"PATH": os.environ["PATH"], "TMPDIR": str(paths[1].parent)}
        done = subprocess.run(
            [sys.executable, "-c", ASKS_SOCKETS, *map(str, paths)],
            cwd=tmp_path,
            env=guarded(own, tmp_path / "guard", []),
            capture_output=True,
            text=True,
            check=True,
            timeout=60 * pace.factor(),
        )
    assert json.loads(done.stdout) == ["ConnectionRefusedError", "reached"]
    assert f"refused to reach {paths[0]}" in done.stderr

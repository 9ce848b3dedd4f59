"""The server images do what a stack relies on: the official ones, ours, and whichever people name, all by the same variables."""

import contextlib

import docker.errors
import pytest
import trustme

from harness.base.run import Run
from harness.base.wait import eventually
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import POSTGRES, PYTHON, REDIS, resolve
from harness.substrates.engine.labels import labels
from harness.substrates.substrate import supervise

pytestmark = [pytest.mark.e2e, pytest.mark.docker]
READY_SECONDS = 60
PASSWORD = "a-password"
POSTGRES_ENVIRONMENT = {"POSTGRES_PASSWORD": PASSWORD, "POSTGRES_USER": "someone", "POSTGRES_DB": "things"}


@pytest.fixture(scope="module")
def run():
    """Alive, so that nobody takes our containers for those of a dead run."""
    run = Run.begin("contract")
    supervisor = supervise(run)
    yield run
    run.forget()
    supervisor.stop()


@pytest.fixture
def start(run):
    with contextlib.ExitStack() as made:

        def start(image, command=None, **options):
            found = the_engine().client.containers.create(
                resolve(image), command, labels=labels(run.id, image.name), **options
            )
            made.callback(found.remove, force=True, v=True)
            found.start()
            return found

        yield start


def said(container, *command, **options):
    """What a command in the container prints; it must end well."""
    code, output = container.exec_run(list(command), **options)
    assert code == 0, output.decode()
    return output.decode().strip()


def psql(container, query, user="someone", database="things", host="127.0.0.1", password=PASSWORD):
    address = ["-h", host, "-U", user, "-d", database]
    environment = {"PGPASSWORD": password}
    return said(container, "psql", "-Atw", *address, "-c", query, environment=environment)


def await_postgres(container, **options):
    """By TCP: while the cluster is made, the server answers on its socket only."""
    eventually(
        lambda: psql(container, "SELECT true", **options) == "t",
        timeout=READY_SECONDS,
        what="PostgreSQL",
        unless=lambda: ended(container),
        evidence=lambda: container.logs().decode(),
    )


def ended(container):
    with contextlib.suppress(docker.errors.NotFound):
        container.reload()
    return None if container.status == "running" else f"it is {container.status}"


def owners(container, program):
    """The users that run a program in the container, by its process table."""
    script = f"for p in /proc/[0-9]*; do grep -qs '^{program}' $p/comm && stat -c %U $p; done; true"
    return set(said(container, "sh", "-c", script).split())


def test_postgres_takes_its_variables_and_options_from_whoever_starts_it(start):
    container = start(
        POSTGRES,
        ["postgres", "-c", "max_connections=37", "-c", "fsync=off"],
        environment={**POSTGRES_ENVIRONMENT, "POSTGRES_INITDB_ARGS": "--encoding=LATIN1 --locale=C"},
    )
    await_postgres(container)
    assert psql(container, "SHOW max_connections") == "37"
    assert psql(container, "SHOW server_encoding") == "LATIN1"
    assert psql(container, "SELECT current_user, current_database()") == "someone|things"
    assert psql(container, "SHOW password_encryption") == "scram-sha-256"
    assert owners(container, "postgres") == {"postgres"}
    with pytest.raises(AssertionError, match="password authentication failed"):
        psql(container, "SELECT 1", host=said(container, "hostname", "-i"), password="wrong")


def test_postgres_keeps_its_data_over_a_restart_and_ends_in_order(start):
    container = start(POSTGRES, environment=POSTGRES_ENVIRONMENT)
    await_postgres(container)
    psql(container, "CREATE TABLE kept AS SELECT 1")
    container.stop(timeout=30)
    assert b"database system is shut down" in container.logs(tail=5)
    container.start()
    await_postgres(container)
    assert psql(container, "SELECT count(*) FROM kept") == "1"
    assert container.logs().count(b"PostgreSQL init process complete") == 1


def test_postgres_reads_its_password_and_its_scripts_from_files(start):
    prepare = (
        "printf %s from-a-file >/run/password; "
        "echo 'CREATE TABLE made_by_a_script ()' >/docker-entrypoint-initdb.d/1.sql; "
        "exec docker-entrypoint.sh postgres"
    )
    container = start(
        POSTGRES,
        ["-c", prepare],
        entrypoint=["sh"],
        environment={"POSTGRES_PASSWORD_FILE": "/run/password", "PGDATA": "/var/lib/postgresql/data/below"},
    )
    who = {"user": "postgres", "database": "postgres", "password": "from-a-file"}
    await_postgres(container, **who)
    assert psql(container, "SELECT count(*) FROM made_by_a_script", **who) == "0"
    assert psql(container, "SHOW data_directory", **who) == "/var/lib/postgresql/data/below"


def test_postgres_lets_everybody_in_where_it_is_told_to(start):
    container = start(POSTGRES, environment={"POSTGRES_HOST_AUTH_METHOD": "trust"})
    who = {"user": "postgres", "database": "postgres", "password": ""}
    await_postgres(container, **who)
    assert psql(container, "SELECT 1", host=said(container, "hostname", "-i"), **who) == "1"


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, b"POSTGRES_PASSWORD"),
        ({"POSTGRES_PASSWORD": "a", "POSTGRES_PASSWORD_FILE": "/etc/hostname"}, b"POSTGRES_PASSWORD_FILE"),
    ],
)
def test_postgres_refuses_to_start_without_one_password(start, environment, complaint):
    container = start(POSTGRES, environment=environment)
    assert container.wait(timeout=READY_SECONDS)["StatusCode"] == 1
    assert complaint in container.logs()


def redis_cli(container, *words):
    return said(container, "redis-cli", *words)


def await_redis(container, *words):
    eventually(
        lambda: redis_cli(container, *words, "ping") == "PONG",
        timeout=READY_SECONDS,
        what="Redis",
        unless=lambda: ended(container),
        evidence=lambda: container.logs().decode(),
    )


@pytest.mark.parametrize("command", [["redis-server", "--save", ""], ["--save", ""], None])
def test_redis_answers_from_outside_and_does_not_run_as_root(start, command):
    container = start(REDIS, command)
    await_redis(container, "-h", said(container, "hostname", "-i"))
    assert owners(container, "redis-server") == {"redis"}
    assert redis_cli(container, "config", "get", "dir").split() == ["dir", "/data"]


def test_redis_protects_itself_where_it_is_told_to(start):
    container = start(REDIS, ["redis-server", "--protected-mode", "yes"])
    await_redis(container)
    assert "DENIED" in redis_cli(container, "-h", said(container, "hostname", "-i"), "ping")


@pytest.fixture
def certificates():
    authority = trustme.CA()
    server = authority.issue_cert("localhost")
    return {
        "CA": authority.cert_pem.bytes().decode(),
        "CERTIFICATE": server.cert_chain_pems[0].bytes().decode(),
        "KEY": server.private_key_pem.bytes().decode(),
    }


def test_redis_speaks_tls(start, certificates):
    files = {"CA": "ca.pem", "CERTIFICATE": "cert.pem", "KEY": "key.pem"}
    write = "".join(f'printf %s "${name}" >/etc/{file}; ' for name, file in files.items())
    options = (
        "--port 0 --tls-port 6379 --tls-cert-file /etc/cert.pem --tls-key-file /etc/key.pem "
        "--tls-ca-cert-file /etc/ca.pem --tls-auth-clients no"
    )
    container = start(
        REDIS,
        ["-c", f"{write} exec docker-entrypoint.sh redis-server {options}"],
        entrypoint=["sh"],
        environment=certificates,
    )
    await_redis(container, "-h", "localhost", "--tls", "--cacert", "/etc/ca.pem")
    with pytest.raises(AssertionError, match=r"certificate verify failed|SSL_connect failed"):
        redis_cli(container, "-h", "localhost", "--tls", "ping")


def test_python_makes_environments_and_is_found_by_its_plain_name(start):
    version = PYTHON.tag.partition("-")[0]
    container = start(PYTHON, ["sh", "-c", "python -m venv /tmp/v && /tmp/v/bin/pip --version && python -V"])
    assert container.wait(timeout=READY_SECONDS)["StatusCode"] == 0, container.logs()
    assert f"Python {version}." in container.logs().decode()

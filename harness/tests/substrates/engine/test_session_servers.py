"""The stacks of a session share two servers, and nothing in them."""

import subprocess
import sys

import pytest
from redis import Redis

from harness.base.database import Database
from harness.base.run import alive
from harness.base.wait import eventually
from harness.nodes.node import SharedNodeError
from harness.stack.stack import Stack
from harness.substrates.session_servers import SessionServers
from harness.substrates.share import Share, ShareError
from harness.substrates.spec import StackSpec
from harness.substrates.versions import Versions
from harness.tests.shop import shop

pytestmark = [pytest.mark.e2e, pytest.mark.docker]
ONLY_SERVERS = StackSpec(substrate="containers", tls=True, omit=tuple(shop.roles), start=())


@pytest.fixture(scope="module")
def session():
    made = SessionServers(shop)
    yield made
    made.close()


def taken(session) -> Share:
    return Share.take(session.door, Versions(), network=False)


def part(session) -> Stack:
    return Stack(ONLY_SERVERS, "part", share=taken(session))


def taken_once_free(session, number) -> Share:
    """The place of this number: who has left it gives it back a moment later."""

    def this_one() -> Share | None:
        share = taken(session)
        if share.number == number:
            return share
        return share.close()

    return eventually(this_one, timeout=5, what=f"the place of number {number}")


def test_two_stacks_see_nothing_of_each_other(session):
    with part(session) as first, part(session) as second:
        assert first.substrate.part.premises == second.substrate.part.premises
        first.database.execute("CREATE TABLE mine (n int)")
        first.redis.set("mine", "1")
        assert second.database.value("SELECT to_regclass('mine')") is None
        assert second.redis.get("mine") is None
        second.redis.flushdb()
        assert first.redis.get("mine") == b"1"


def test_a_stack_leaves_nothing_to_who_has_its_place_after_it(session):
    with part(session) as first:
        first.redis.set("mine", "1")
        name, number = first.substrate.part.database, first.substrate.part.number
    with Stack(ONLY_SERVERS, "part", share=taken_once_free(session, number)) as second:
        held = "SELECT count(*) FROM pg_database WHERE datname = $1"
        assert second.database.value(held, name) == 0
        assert second.substrate.part.number == number
        assert second.redis.get("mine") is None


def test_a_database_takes_as_many_connections_as_a_deployments_own_and_no_more(session):
    with part(session) as stack:
        limit = "SELECT datconnlimit FROM pg_database WHERE datname = current_database()"
        assert stack.database.value(limit) == 97
        assert stack.database.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_a_shared_server_must_not_be_hurt(session):
    with part(session) as stack:
        for verb in ("kill", "pause", "stop", "start"):
            with pytest.raises(SharedNodeError, match="own_servers=True"):
                getattr(stack.node("postgres"), verb)()


def test_redis_is_reached_only_by_a_certificate_that_is_verified(session):
    with part(session) as stack:
        url = stack.servers.redis_url
        assert url.startswith("rediss://")
        assert stack.redis.ping()
        with pytest.raises(Exception, match="certificate verify failed"):
            Redis.from_url(url.partition("?")[0]).ping()
        with pytest.raises(Exception, match="invalid username-password"):
            Redis.from_url(url.replace(stack.substrate.part.premises.redis_password, "wrong")).ping()


WORKER = """
import sys, time
from harness.substrates.share import Share
from harness.substrates.versions import Versions
from harness.tests.shop import shop
share = Share.take(sys.argv[1], Versions(), network=False)
print(share.number, flush=True)
time.sleep(60)
"""


def test_a_worker_that_dies_gives_its_part_back(session):
    argv = [sys.executable, "-c", WORKER, session.door]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        number = int(process.stdout.readline())
        with taken(session) as other:
            assert other.number != number
            process.kill()
            taken_once_free(session, number).close()


def test_why_there_are_no_servers_reaches_who_asked(session):
    with pytest.raises(ShareError, match=r"postgres:9\.6-of-nobody is not here"):
        Share.take(session.door, Versions(postgres="9.6-of-nobody"), network=False)


def test_the_servers_end_with_their_session():
    session = SessionServers(shop)
    share = Share.take(session.door, Versions(), network=False)
    (run_id,) = [name for name in alive() if "servers" in name and name in share.places.premises.logs]
    share.close()
    session.close()
    assert run_id not in alive()
    with pytest.raises(OSError, match="Connect call failed"):
        Database(f"postgresql://nobody:x@{share.places.postgres.outside}/nothing").value("SELECT 1")

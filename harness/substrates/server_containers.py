"""PostgreSQL and Redis in containers, started in parallel."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from harness.application import POSTGRES as POSTGRES_NODE
from harness.application import REDIS as REDIS_NODE
from harness.application import App
from harness.base.progress import Progress, silence
from harness.base.run import Run
from harness.substrates import postgres_container, redis_container
from harness.substrates.baked import baked
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import POSTGRES, REDIS, Image, resolve
from harness.substrates.places import Places, Premises
from harness.substrates.postgres_container import PostgresContainer
from harness.substrates.redis_container import (
    AUTHORITY,
    AUTHORITY_FOLDER,
    FOLDER,
    RedisContainer,
    write_certificates,
)
from harness.substrates.versions import Versions


class ServerContainers:
    """The two servers of a run, which may be one stack's or a whole session's.

    Args:
        premises: facts that are known before they run.
        postgres: one of them.
        redis: the other one.
    """

    def __init__(self, premises: Premises, postgres: PostgresContainer, redis: RedisContainer) -> None:
        self.premises = premises
        self.postgres = postgres
        self.redis = redis

    @classmethod
    def prepare(
        cls, app: App, claim: Claim, versions: Versions, network: str = "", progress: Progress = silence
    ) -> "ServerContainers":
        """Do the slow preparations, and fix the facts that others need before the servers run.

        Args:
            app: whose schema the database has.
            claim: claim of their run.
            versions: of the two.
            network: network in which other containers reach them; none by default.
            progress: told of slow steps: to fetch an image, to bake one.

        Raises:
            EngineError: the engine refused, or an image is not available.
        """
        run = claim.run
        password = secrets.token_hex(16)
        base = _image(POSTGRES, versions.postgres, progress)
        postgres = PostgresContainer(_wanted(run, POSTGRES_NODE, network, baked(app, base, run.id, progress)))
        wanted = _wanted(run, REDIS_NODE, network, _image(REDIS, versions.redis, progress))
        certificates = certificates_of(run)
        write_certificates(certificates)
        volume = claim.volume() if network else ""
        shown = {volume: AUTHORITY_FOLDER} if network else {}
        redis = RedisContainer(replace(wanted, folder=certificates, volumes=shown), password)
        premises = Premises(
            run_id=run.id,
            redis_password=password,
            authority=str(certificates / AUTHORITY),
            authority_volume=volume,
            logs=str(run.folder / "logs"),
            network=network,
        )
        return cls(premises, postgres, redis)

    def start(self) -> Places:
        """Start both; return their addresses.

        Raises:
            EngineError: the engine refused.
            TimeoutError: one did not answer; shows its log.
        """
        with ThreadPoolExecutor() as pool:
            for starting in [pool.submit(server.start) for server in (self.postgres, self.redis)]:
                starting.result()
        return Places(
            premises=self.premises,
            postgres=self.postgres.place(postgres_container.PORT),
            redis=self.redis.place(redis_container.PORT),
            redis_tls=self.redis.place(redis_container.TLS_PORT),
        )

    @classmethod
    def find(cls, run: Run, premises: Premises) -> "ServerContainers":
        """The servers of a run that was left running.

        Args:
            run: whose they are.
            premises: facts that were fixed before they ran.
        """
        postgres, redis = (Container.find(run.id, node) for node in (POSTGRES_NODE, REDIS_NODE))
        network = premises.network
        return cls(
            premises,
            PostgresContainer(_wanted(run, POSTGRES_NODE, network), postgres),
            RedisContainer(_wanted(run, REDIS_NODE, network), premises.redis_password, redis),
        )


def certificates_of(run: Run) -> Path:
    """The folder of the certificates of a run's Redis."""
    return run.data / Path(FOLDER).name


def _image(image: Image, version: str, progress: Progress) -> str:
    return resolve(image.version(version) if version else image, the_engine(), progress)


def _wanted(run: Run, node: str, network: str, image: str = "") -> Wanted:
    alias = f"{node}.{run.token}.harness.internal"
    return Wanted(image=image, node=node, run_id=run.id, alias=alias, network=network)

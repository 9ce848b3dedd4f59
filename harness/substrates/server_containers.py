"""PostgreSQL and Redis in containers, started at once."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from harness.engine.claim import Claim, name_of
from harness.engine.container import Container, Wanted
from harness.engine.current import the_engine
from harness.engine.images import POSTGRES, REDIS, Image, resolve
from harness.progress import Progress, silence
from harness.run import Run
from harness.substrates import postgres_container, redis_container
from harness.substrates.baked import baked
from harness.substrates.places import Places
from harness.substrates.postgres_container import PostgresContainer
from harness.substrates.redis_container import AUTHORITY, FOLDER, RedisContainer, write_certificates
from harness.substrates.versions import Versions

CERTIFICATES = Path(FOLDER).name
PASSWORD = "redis-password"  # noqa: S105 - the name of its file


class ServerContainers:
    """The two servers of a run, which may be one stack's or a whole session's.

    Args:
        run: whose they are.
        postgres: one of them.
        redis: the other one.
        network: in which other containers reach them; empty if none does.
    """

    def __init__(self, run: Run, postgres: PostgresContainer, redis: RedisContainer, network: str) -> None:
        self.postgres = postgres
        self.redis = redis
        self._run = run
        self._network = network

    @classmethod
    def start(
        cls, claim: Claim, versions: Versions, network: str = "", progress: Progress = silence
    ) -> "ServerContainers":
        """Start both.

        Args:
            claim: of the run whose they are to be.
            versions: of the two.
            network: in which other containers shall reach them; none by default.
            progress: told what takes long: to fetch an image, to bake one.

        Raises:
            EngineError: the engine refused, or an image can be had nowhere.
            TimeoutError: one did not answer; shows its log.
        """
        run = claim.run
        password = secrets.token_hex(16)
        (run.data / PASSWORD).write_text(password)
        base = _image(POSTGRES, versions.postgres, progress)
        postgres = PostgresContainer(_wanted(run, "postgres", network, baked(base, run.id, progress)))
        wanted = _wanted(run, "redis", network, _image(REDIS, versions.redis, progress))
        write_certificates(run.data / CERTIFICATES)
        shown = {claim.volume(): str(Path(f"{FOLDER}/{AUTHORITY}").parent)} if network else {}
        redis = RedisContainer(replace(wanted, folder=run.data / CERTIFICATES, volumes=shown), password)
        with ThreadPoolExecutor() as pool:
            for starting in [pool.submit(server.start) for server in (postgres, redis)]:
                starting.result()
        return cls(run, postgres, redis, network)

    @classmethod
    def find(cls, run: Run, network: str = "") -> "ServerContainers":
        """Those of a run that was left running.

        Args:
            run: whose they are.
            network: in which other containers reach them.
        """
        postgres, redis = (Container.find(run.id, node) for node in ("postgres", "redis"))
        return cls(
            run,
            PostgresContainer(_wanted(run, "postgres", network), postgres),
            RedisContainer(_wanted(run, "redis", network), (run.data / PASSWORD).read_text(), redis),
            network,
        )

    @property
    def places(self) -> Places:
        """Where they are now."""
        return Places(
            run_id=self._run.id,
            postgres=self.postgres.place(postgres_container.PORT),
            redis=self.redis.place(redis_container.PORT),
            redis_tls=self.redis.place(redis_container.TLS_PORT),
            redis_password=(self._run.data / PASSWORD).read_text(),
            authority=str(self._run.data / CERTIFICATES / AUTHORITY),
            authority_volume=name_of(self._run) if self._network else "",
            logs=str(self._run.folder / "logs"),
            network=self._network,
        )


def _image(image: Image, version: str, progress: Progress) -> str:
    return resolve(image.version(version) if version else image, the_engine(), progress)


def _wanted(run: Run, node: str, network: str, image: str = "") -> Wanted:
    alias = f"{node}.{run.token}.roadmap.internal"
    return Wanted(image=image, node=node, run_id=run.id, alias=alias, network=network)

"""Where each version of the image of PostgreSQL writes, and where its volume is."""

import pytest

from harness.tests.deployment.audit.test_rules import COMPOSE

OLD, NEW = "/var/lib/postgresql/data", "/var/lib/postgresql"
CHOSEN = "${IMAGE:-postgres:17}"


def composed(repository, image: str, target: str, data: str = "", *, long: bool = False) -> None:
    volume = f"{{ type: volume, source: pg, target: {target} }}" if long else f"pg:{target}"
    environment = f"    environment: {{ PGDATA: '{data}' }}\n" if data else ""
    with (repository / COMPOSE).open("a") as file:
        file.write(f"  db:\n    image: {image}\n{environment}    volumes: [{volume}]\n")


@pytest.mark.parametrize(
    ("image", "target", "data"),
    [
        ("postgres:17", OLD, ""),
        ("postgres:18", NEW, ""),
        ("postgres:18", OLD, OLD),
        (CHOSEN, OLD, OLD),
        (CHOSEN, OLD, f"{OLD}/below"),
        (CHOSEN, NEW, f"{NEW}/cluster"),
        ("redis:8", OLD, ""),
        ("pgvector/pgvector:pg17", OLD, ""),
        ("pgvector/pgvector:0.8.0-pg18", NEW, ""),
        ("postgis/postgis:17-3.5", OLD, ""),
        ("timescale/timescaledb:2.20.0-pg17", OLD, ""),
        ("ghcr.io/railwayapp-templates/postgres-ssl:17", OLD, ""),
        ("bitnami/postgresql:18", "/bitnami/postgresql", ""),
        ("postgres:17", "/data", "/data"),
        ("postgres:18", "/data", "/data/cluster/"),
        (CHOSEN, "/data", "${PGDATA:-/data/cluster}"),
        ("postgres:18", f"{NEW}/18/docker", ""),
        (
            "postgres:17",
            "/docker-entrypoint-initdb.d",
            "",
        ),  # no volume for its data: nobody said that it stays
        ("postgres:17", "/var/run/postgresql", ""),
        ("postgrest/postgrest:18", OLD, ""),
    ],
)
def test_the_data_is_in_the_volume(repository, judged, image, target, data):
    composed(repository, image, target, data)
    assert [breach.flaw.what for breach in judged(repository)] == []


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("image", "target", "data"),
    [
        ("postgres:18", OLD, ""),
        ("postgres:18-alpine", f"{OLD}/", ""),
        ("registry.example.com/postgres:19", OLD, ""),
        ("postgres", OLD, ""),
        (CHOSEN, OLD, ""),
        (CHOSEN, OLD, f"{NEW}/cluster"),
        ("postgres:17", NEW, ""),
        (CHOSEN, NEW, ""),
        (CHOSEN, NEW, OLD),
        ("pgvector/pgvector:pg18", OLD, ""),
        ("pgvector/pgvector:0.8.0-pg18-trixie", OLD, ""),
        ("pgvector/pgvector:pg17", NEW, ""),
        ("pgvector/pgvector", OLD, ""),
        ("postgis/postgis:18-3.6", OLD, ""),
        ("timescale/timescaledb:latest-pg18", OLD, ""),
        ("registry.example.com:5000/our/postgres:18", OLD, ""),
        ("tensorchord/vchord-postgres:pg18-v0.5.0", OLD, ""),
        ("postgres:17", "/data", ""),
        ("postgres:18", "/data", ""),
        ("pgvector/pgvector:pg17", "/data", ""),
        (CHOSEN, "/data", ""),
        ("postgres:17", "/data", "/database"),
        ("postgres:17", "/data", OLD),
    ],
)
def test_the_data_is_beside_the_volume(repository, judged, image, target, data, long):
    composed(repository, image, target, data, long=long)
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.name) == ("compose_data", "db.volumes")
    assert "would be lost with the container" in breach.flaw.what

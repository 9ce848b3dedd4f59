"""Every rule that is for any application, on one that is made up: right as it is, and caught by exactly its rule when spoilt."""

from collections import Counter
from dataclasses import replace

import pytest

from harness.application import Tier
from harness.deployment.audit import RULES, audit, judge
from harness.deployment.audit.rules.connections import budget
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment
from harness.tests.deployment import shop
from harness.tests.deployment.shop import PROGRAM, WORKER

SERVICES, TIERS, COMPOSE = "platform/services.toml", "platform/tiers.toml", "compose.yaml"
DOCKERFILE, SCRIPT = "Dockerfile.shop", "bin/start.sh"
KIND = 'KIND = "worker"\n'
SECOND = shop.SERVICES[shop.SERVICES.index("[services.shop-worker]") :].replace("shop-worker", "shop-second")
START = 'ENTRYPOINT ["/opt/shop/bin/start.sh"]'

# what is wrong: file, a piece of it, what takes its place, the rule that says so, and a part of what it says
MUTANTS = {
    "an unknown key": (SERVICES, "public_port", "publik_port", "declaration", 'did you mean "public_port"'),
    "a worker of no role": (SERVICES, KIND, 'KIND = "worcer"\n', "declaration", 'KIND: "worcer" is no role; did you mean "worker"'),
    "a variable that is not there": (SERVICES, "{shop-api.CURRENCY}", "{shop-api.CURENCY}", "references", 'did you mean "CURRENCY"'),
    "two services of one role": (SERVICES, "[services.shop-worker]", f"{SECOND}[services.shop-worker]", "roles", "2 services have the KIND worker"),
    "a root directory that is none": (SERVICES, 'root_directory = "/"', 'root_directory = "backend"', "dockerfile", "has no folder backend"),
    "the root directory twice": (
        SERVICES,
        'root_directory = "/"\ndockerfile = "Dockerfile.shop"',
        'root_directory = "/bin"\ndockerfile = "bin/start.sh"',
        "dockerfile",
        "begins with the root directory once more",
    ),
    "a start command": (SERVICES, 'start_command = ""', 'start_command = "flask run"', "commands", "flask run"),
    "a port on a worker": (SERVICES, KIND, f'{KIND}PORT = "1"\n', "ports", "gives a port to worker"),
    "another port than the program's": (SERVICES, 'public_port = "PORT"', 'public_port = "KIND"', "ports", "api does not listen"),
    "a public worker": (
        SERVICES,
        "overlap_seconds = 0\n",
        'overlap_seconds = 0\npublic_port = "SLOTS"\n',
        "ports",
        "opens SLOTS to the internet",
    ),
    "nobody reaches it": (SERVICES, 'public_port = "PORT"\n', "", "ports", "has no public_port"),
    "no health check": (SERVICES, 'health_check = "/up"\n', "", "health_check", "has no health check"),
    "a health check that redirects": (SERVICES, '"/up"', '"/up/"', "health_check", "redirects"),
    "a health check that is no route": (SERVICES, '"/up"', '"/upp"', "health_check", 'did you mean "/up"'),
    "a health check that asks others": (SERVICES, '"/up"', '"/ready"', "health_check", "answers 503"),
    "a health check on a worker": (
        SERVICES,
        "draining_seconds = 20",
        'draining_seconds = 20\nhealth_check = "/up"',
        "health_check",
        "shop-worker has a health check",
    ),
    "no time to finish requests": (SERVICES, "draining_seconds = 25", "draining_seconds = 19", "draining", "api may need 20 s"),
    "no time to hand work back": (SERVICES, "draining_seconds = 20", "draining_seconds = 19", "draining", "worker may need 20 s"),
    "a soft shutdown that is longer": (SERVICES, KIND, f'{KIND}STOP_SECONDS = "30"\n', "draining", "worker may need 40 s"),
    "a pool too large for the overlap": (TIERS, "database_pool_size = 2", "database_pool_size = 4", "connections", "large, while two"),
    "a pool too large at all times": (TIERS, "database_pool_size = 2", "database_pool_size = 9", "connections", "large, steady: 108 pools"),
    "a pool for one": (TIERS, "database_pool_size = 5", "database_pool_size = 1", "connections", "wait for each other"),
    "children that outgrow their machine": (TIERS, "memory_mb = 512", "memory_mb = 200", "memory", "shop-worker may use 245 MB"),
    "processes that outgrow their machine": (TIERS, "memory_mb = 4096", "memory_mb = 400", "memory", "shop-api may use 450 MB"),
    "no database": (
        SERVICES,
        f'{KIND}SLOTS = "2"\nDB_URL = "${{{{Database.DB_URL}}}}"\n',
        f'{KIND}SLOTS = "2"\n',
        "unset",
        "does not set DB_URL, without which worker refuses to start",
    ),
    "a variable that nobody reads": (SERVICES, KIND, f'{KIND}CURENCY = "EUR"\n', "unread", 'did you mean "CURRENCY"'),
    "a variable like no other": (SERVICES, KIND, f'{KIND}XYZ = "1"\n', "unread", "docs/variables.md lists"),
    "a value that is refused": (SERVICES, 'PORT = "8080"', 'PORT = "http"', "values", "is invalid: is no number"),
    "values that do not fit together": (SERVICES, KIND, f'{KIND}CHILD_KB = "1000"\nSTOP_SECONDS = "9"\n', "values", "does not fit STOP_SECONDS"),
    "a value that one who needs it has not": (SERVICES, 'PORT = "8080"', 'PORT = "8080"\nRATES = "bank"', "same_servers", "does not set RATES, which shop-api has"),
    "another stage": (SERVICES, 'STAGE = "live"', 'STAGE = "desk"', "production", "is 'desk'"),
    "a switch that is on": (SERVICES, KIND, f'{KIND}TRACE = "yes"\n', "production", "is 'yes'"),
    "roles merged": (SERVICES, KIND, f'{KIND}ALSO = "api"\n', "production", "merges roles"),
    "a secret written down": (SERVICES, '"${{shop-api.SIGNING_KEY}}"', '"hunter2"', "secrets", "is a secret, written down"),
    "a password in an address": (SERVICES, '"${{Broker.BROKER_URL}}"', '"rediss://:p@redis.example.com"', "secrets", "has a password"),
    "another currency": (SERVICES, '"${{shop-api.CURRENCY}}"', '"USD"', "same_servers", "another one than that of shop-api"),
    "a certificate that nobody verifies": (
        SERVICES,
        '"${{Broker.BROKER_URL}}"',
        '"${{Broker.BROKER_URL}}?insecure"',
        "tls",
        "turns the verification",
    ),
    "no encryption": (SERVICES, 'CURRENCY = "EUR"', 'CURRENCY = "http://rates.example.com"', "tls", "unencrypted"),
    "a name that Railway does not know": (SERVICES, KIND, f'{KIND}RAILWAY_RUN_UUID = "1"\n', "railway_names", "RAILWAY_RUN_UID"),
    "no entrypoint": (DOCKERFILE, START, "", "image", "has no ENTRYPOINT"),
    "another entrypoint": (DOCKERFILE, START, 'ENTRYPOINT ["flask"]', "image", "not bin/start.sh"),
    "a shell before the program": (DOCKERFILE, START, "ENTRYPOINT bin/start.sh", "image", "is in shell form: bin/start.sh"),
    "an image of root's": (DOCKERFILE, "USER 10001\n", "", "image", "runs as root"),
    "a secret in the image": (DOCKERFILE, START, f"{START}\nENV SIGNING_KEY=1", "image", "puts a secret into the image"),
    "a role for all": (DOCKERFILE, START, f"{START}\nENV KIND=api", "image", "chooses the role for all"),
    "a page that workers lack": (DOCKERFILE, START, f"{START}\nHEALTHCHECK CMD curl x", "image", "asks workers"),
    "no Dockerfile": (DOCKERFILE, "USER", "USR", "image", "is no Dockerfile: unknown instruction: USR"),
    "a reference with one brace": (SERVICES, '"EUR"', '"${shop-worker.SLOTS}"', "references", "has ${shop-worker.SLOTS}, which is no reference"),
    "a reference without its dollar": (SERVICES, '"EUR"', '"{{ shop-worker.SLOTS }}"', "references", "which is no reference"),
    "a reference in round brackets": (SERVICES, '"EUR"', '"$(shop-worker.SLOTS)"', "references", "which is no reference"),
    "a reference with one brace too few": (SERVICES, '"${{shop-api.CURRENCY}}"', '"${{shop-api.CURRENCY}"', "references", "is never closed"),
    "a number of processes as the port": (SERVICES, 'public_port = "PORT"', 'public_port = "API_PROCESSES"', "ports", "does not listen"),
    "a password that is the user's name": (SERVICES, '"${{Database.DB_URL}}"', '"postgresql://shop:shop@db.railway.internal/shop"', "secrets", "has a password"),
    "a password that is the user's name beside a reference": (SERVICES, '"${{Database.DB_URL}}"', '"postgresql://shop:shop@${{Database.RAILWAY_PRIVATE_DOMAIN}}/shop"', "secrets", "has a password"),
    "a password with a slash": (SERVICES, '"${{Database.DB_URL}}"', '"postgresql://u:hunter/2@db.railway.internal/shop"', "secrets", "has a password"),
    "a password among words": (SERVICES, '"${{Database.DB_URL}}"', '"host=db.railway.internal user=u password=hunter2 dbname=shop"', "secrets", "has a password"),
    "secrets in the build": (".dockerignore", "**/.env*", "*.pyc", "image", "lets .env files into the build"),
    "a script that stays": (SCRIPT, "exec ", "", "entrypoint", "ends with"),
    "a script that goes on": (SCRIPT, "set -eu\n", "", "entrypoint", "goes on after"),
    "composed without a role": (COMPOSE, "KIND: worker", "KIND: api", "compose", "has 0 services of the KIND worker"),
    "composed with another value": (COMPOSE, "STAGE: live", "STAGE: desk", "compose", "is 'desk', declared is 'live'"),
    "composed with a secret": (COMPOSE, "${SIGNING_KEY:?set it}", "1", "compose", "is a secret, written down"),
    "composed with what nobody reads": (COMPOSE, "STAGE: live", "STAGE: live\n      X: y", "compose", "is read by nobody"),
    "composed with other servers": (COMPOSE, "redis://redis/0", "redis://redis/1", "compose", "differs between members"),
    "composed and killed too soon": (COMPOSE, "20s", "19s", "compose", "is 19 s, api may need 20"),
    "composed for the whole network": (COMPOSE, "127.0.0.1:", "", "compose", "to the whole network"),
    "a port with an address for all": (COMPOSE, '["127.0.0.1:${API_PORT:-8080}:8080"]', "[{target: 8080, published: 8080}]", "compose", "to the whole network"),
    "another address": (COMPOSE, "127.0.0.1:${API", "0.0.0.0:${API", "compose", "to the whole network"),
    "any port": (COMPOSE, '["127.0.0.1:${API_PORT:-8080}:8080"]', "[8080]", "compose", "publishes 8080 to the whole network"),
    "an address that anybody may set": (COMPOSE, "127.0.0.1:${API", "${BIND:?set it}:${API", "compose", "to the whole network"),
    "a database that all can reach": (COMPOSE, "  worker:\n", '  db: { image: postgres, ports: ["5432:5432"] }\n  worker:\n', "compose", "publishes 5432:5432 to the whole network"),
    "a broker that all can reach": (COMPOSE, "  worker:\n", "  redis:\n    ports:\n      - { target: 6379, host_ip: 0.0.0.0 }\n  worker:\n", "compose", "to the whole network"),
    "a broker on all the ports": (COMPOSE, "  worker:\n", "  redis: { network_mode: host }\n  worker:\n", "compose", "the machine's own network"),
    "composed of no tables": (COMPOSE, "services:", "services: [1]\nothers:", "compose", "has no services: TypeError"),
    "no YAML": (COMPOSE, "  worker:", " worker: [", "compose", "has no services: ParserError"),
    "a key that all share": (SERVICES, "[services.shop-api]", '[shared]\nSIGNING_KEY = "hunter2"\n\n[services.shop-api]', "secrets", "is a secret, written down"),
    "a live key that all share": (SERVICES, "[services.shop-api]", '[shared]\nPAYMENTS = "sk-live-0123456789abcdef"\n\n[services.shop-api]', "secrets", "is a secret, written down"),
    "a password that all share": (SERVICES, "[services.shop-api]", '[shared]\nCACHE = "redis://:p@cache.railway.internal"\n\n[services.shop-api]', "secrets", "has a password"),
    "a live key by another name": (SERVICES, 'CURRENCY = "EUR"', 'CURRENCY = "ghp_0123456789abcdefghijABCDEFGHIJ012345"', "secrets", "written down"),
    "a key and a reference": (SERVICES, '"${{shop-api.SIGNING_KEY}}"', '"sk-0123456789abcdef${{shop-api.SIGNING_KEY}}"', "secrets", "written down"),
    "a secret that leads to a plain value": (SERVICES, "{{shop-api.SIGNING_KEY}}", "{{shop-api.CURRENCY}}", "secrets", "written down where ${{shop-api.CURRENCY}} leads to"),
    "a key that all share and one uses": (
        SERVICES,
        '"${{shop-api.SIGNING_KEY}}"\nSTAGE = "live"\n',
        '"${{shared.KEY}}"\nSTAGE = "live"\n\n[shared]\nKEY = "hunter2"\n',
        "secrets",
        "written down where ${{shared.KEY}} leads to",
    ),
    "the password of an address with a reference": (SERVICES, '"${{Broker.BROKER_URL}}"', '"rediss://:hunter2@${{Broker.BROKER_URL}}"', "secrets", "has a password"),
    "another of the broker's databases": (SERVICES, '"${{Broker.BROKER_URL}}"', '"${{Broker.BROKER_URL}}/1"', "same_servers", "another one"),
    "another of the broker's databases by an option": (SERVICES, '"${{Broker.BROKER_URL}}"', '"${{Broker.BROKER_URL}}?db=1"', "same_servers", "another one"),
    "another secret": (
        SERVICES,
        '"${{shop-api.SIGNING_KEY}}"',
        '"${{Database.DB_URL}}"',
        "same_servers",
        "is another one than that of shop-api",
    ),
    "an address that is none": (SERVICES, 'CURRENCY = "EUR"', 'CURRENCY = "https://[::1/rates"', "tls", "is no address"),
    "a group and root": (DOCKERFILE, "USER 10001", "USER 0:1000", "image", "runs as root: USER 0:1000"),
    "root in quotes": (DOCKERFILE, "USER 10001", 'USER "root"', "image", "runs as root"),
    "root by its number": (DOCKERFILE, "USER 10001", "USER 00", "image", "runs as root"),
    "root by an argument": (DOCKERFILE, "USER 10001", "ARG WHO=root\nUSER ${WHO}:10001", "image", "runs as root"),
    "root by an argument without a value": (DOCKERFILE, "USER 10001", "ARG WHO\nUSER $WHO", "image", "runs as root"),
    "root at last": (DOCKERFILE, "USER 10001", "USER 10001\nUSER root", "image", "runs as root"),
    "a user of another stage": (DOCKERFILE, "USER 10001\n", "USER 10001\nFROM python:3.13\nWORKDIR /opt/shop\n", "image", "runs as root"),
    "secrets behind a comment": (".dockerignore", "**/.env*", "# .env", "image", "lets .env files into the build"),
    "secrets let in again": (".dockerignore", "**/.env*", "*\n!.env", "image", "lets .env files into the build"),
    "secrets of a folder let in again": (".dockerignore", "**/.env*", "**/.env*\n!shop/.env*", "image", "lets shop/.env files into the build"),
    "a pattern that is none": (".dockerignore", "**/.env*", ".env\n[", "image", "is no .dockerignore"),
    "a script that only moves its files": (SCRIPT, 'exec python -m shop "$@"', "python -m shop\nexec 2>&1", "entrypoint", "ends with 'exec 2>&1'"),
    "a script that does not wait": (SCRIPT, '"$@"', '"$@" &', "entrypoint", "ends with"),
    "a script that pipes": (SCRIPT, '"$@"', '"$@" 2>&1 | tee log', "entrypoint", "ends with"),
    "a script that runs nothing": (SCRIPT, 'set -eu\nexec python -m shop "$@"\n', "# later\n", "entrypoint", "runs nothing"),
    "routes that are no Python": ("shop/health.py", "async def up():", "async def up(:", "health_check", "is no Python"),
    "roles that are none": ("shop/kinds.py", "ROLES", "KINDS", "declaration", "declares no roles: KeyError"),
    "a number that is none": (SERVICES, KIND, f'{KIND}STOP_SECONDS = "soon"\n', "values", "is no number"),
    "a size that is none": (SERVICES, KIND, f'{KIND}CHILD_KB = "much"\n', "values", "is no number"),
}  # fmt: skip


def said(breaches):
    return {breach.rule.name: breach.flaw.what for breach in breaches}


def test_what_is_right_breaks_no_rule(repository, judged):
    assert said(judged(repository)) == {}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_is_wrong_is_caught_by_exactly_its_rule(spoil, mutant):
    file, old, new, rule, what = MUTANTS[mutant]
    breaches = spoil(file, old, new)
    assert Counter(breach.rule.name for breach in breaches).keys() == {rule}
    assert any(what in breach.flaw.what for breach in breaches), [breach.flaw.what for breach in breaches]
    for breach in breaches:
        assert breach.flaw.place.file in {file, "platform"}
        assert breach.flaw.fix
        assert breach.rule.why


def test_every_rule_has_a_mutant_here_or_a_test_below():
    below = {"migrations"}  # it judges the roles
    below |= {"readable"}  # see test_unreadable.py
    below |= {"config_as_code"}  # see test_railway.py
    below |= {"compose_data"}  # see test_compose_data.py
    assert {rule.name for rule in RULES} == {mutant[3] for mutant in MUTANTS.values()} | below


def test_an_applications_own_rule_is_one_of_all(repository, judged):
    for file in ("services.toml", "tiers.toml"):
        path = repository / "platform" / file
        path.write_text(path.read_text().replace("services.shop-worker", "services.worker"))
    assert said(judged(repository)) == {"names": "is no name of ours"}
    assert audit(repository, PROGRAM, RULES) == []


INFRASTRUCTURE = '[infrastructure]\nDatabase = ["DB_URL"]\nBroker = ["BROKER_URL"]\n'
DATABASE, BROKER = '"${{Database.DB_URL}}"', '"${{Broker.BROKER_URL}}"'
# Whether it is right that a database is reached so: what takes the place of its address, and which rule says no
ADDRESSES = {
    '"${{Database.DATABASE_PUBLIC_URL}}"': "tls",
    '"${{Database.DATABASE_PUBLIC_URL}}?sslmode=require"': "tls",
    '"${{Database.DATABASE_PUBLIC_URL}}?ssl=verify-ca"': "tls",
    '"${{Database.DATABASE_PUBLIC_URL}}?sslmode=verify-full&sslmode=disable"': "tls",
    '"${{Database.DATABASE_PUBLIC_URL}}?sslmode=verify-full"': None,
    '"${{Database.DATABASE_PUBLIC_URL}}?ssl=verify-full"': None,
    '"postgresql://${{Database.PGUSER}}:${{Database.PGPASSWORD}}@${{Database.RAILWAY_TCP_PROXY_DOMAIN}}:5432/shop"': "tls",
    '"postgresql://${{Database.PGUSER}}:${{Database.PGPASSWORD}}@${{Database.PGHOST}}:${{Database.PGPORT}}/shop"': None,
    '"postgres://db.example.com/shop"': "tls",
    '"postgresql+asyncpg://db.example.com/shop"': "tls",
    '"postgresql://db.example.com,db.railway.internal/shop"': "tls",
    '"postgresql://db.railway.internal/shop?host=db.example.com"': "tls",
    '"postgresql://db.railway.internal:5432/shop"': None,
    '"postgresql://notlocalhost/shop"': "tls",
    '"postgresql://127.0.0.1/shop"': None,
    '"postgresql://u:p@db.example.com/shop"': "secrets",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_database_over_the_internet_is_verified(repository, judged, address):
    path = repository / SERVICES
    more = '"DATABASE_PUBLIC_URL", "PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "RAILWAY_TCP_PROXY_DOMAIN"'
    text = path.read_text().replace('["DB_URL"]', f'["DB_URL", {more}]').replace(DATABASE, address)
    path.write_text(text)
    rule = ADDRESSES[address]
    # The rule "compose" has an address of its own.
    judged_by = {breach.rule.name for breach in judged(repository)} - {"compose"}
    assert judged_by == ({rule} if rule else set())
    path.write_text(text.replace(address, DATABASE, 1))  # of one service alone
    assert {breach.rule.name for breach in judged(repository)} == {rule or "same_servers"}


@pytest.mark.parametrize("first", [True, False])
def test_a_worker_on_other_servers_of_the_same_kind(repository, judged, first):
    path = repository / SERVICES
    text = path.read_text().replace(
        INFRASTRUCTURE, f'{INFRASTRUCTURE}Broker2 = ["BROKER_URL"]\nDatabase2 = ["DB_URL"]\n'
    )
    api, worker = text.split("[services.shop-worker]")
    if first:
        api = api.replace("{{Broker.", "{{Broker2.").replace("{{Database.", "{{Database2.")
    else:
        worker = worker.replace("{{Broker.", "{{Broker2.").replace("{{Database.", "{{Database2.")
    path.write_text(f"{api}[services.shop-worker]{worker}")
    found = judged(repository)
    assert {breach.rule.name for breach in found} == {"same_servers"}
    assert {breach.flaw.place.name.partition(".")[2] for breach in found} == {"DB_URL", "BROKER_URL"}


def test_the_same_server_by_another_services_variable_is_the_same(spoil):
    assert (
        said(
            spoil(
                SERVICES, f'SLOTS = "2"\nDB_URL = {DATABASE}', 'SLOTS = "2"\nDB_URL = "${{shop-api.DB_URL}}"'
            )
        )
        == {}
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["127.0.0.1:${API_PORT:-8080}:8080"]', '[{target: 8080, published: "8080", host_ip: 127.0.0.1}]'),
        ('["127.0.0.1:${API_PORT:-8080}:8080"]', '["[::1]:8080:8080/tcp"]'),
        ('["127.0.0.1:${API_PORT:-8080}:8080"]', '["${BIND:-127.0.0.1}:${API_PORT:?set it}:8080"]'),
        ("  worker:\n", '  db: { image: postgres, ports: ["127.0.0.1:5432:5432"] }\n  worker:\n'),
        ("  worker:\n", "  db:\n  worker:\n"),
        ("build: { context: ., dockerfile: Dockerfile.shop }", "build: ."),
        ("stop_grace_period: 20s", "stop_grace_period: 20500ms"),
    ],
)
def test_what_compose_may_do(spoil, old, new):
    assert said(spoil(COMPOSE, old, new)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "**",
        ".env",
        "/.env",
        ".e*",
        "**/.env*\n!.env.example\n!.environments",
        "!.env\n.env",
        "# all\n*\n!shop\n",
    ],
)
def test_what_keeps_secrets_out_of_the_build(repository, judged, text):
    (repository / ".dockerignore").write_text(text)
    assert said(judged(repository)) == {}


def test_buildkit_reads_the_dockerfiles_own_list_in_place_of_the_usual_one(repository, judged):
    (repository / f"{DOCKERFILE}.dockerignore").write_text("*.pyc\n")
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.file) == ("image", f"{DOCKERFILE}.dockerignore")
    (repository / f"{DOCKERFILE}.dockerignore").write_text(".env\n")
    (repository / ".dockerignore").unlink()
    assert said(judged(repository)) == {}


@pytest.mark.parametrize(
    "new",
    [
        'exec  env TERM=dumb python -m shop "$@"  # becomes it',
        'exec 2>&1\ncd /opt && exec python -m shop "$@" >&2',
        "exec python -c '\nimport shop # | & ;\n'",
        'exec \\\n  python \\\n  -m shop "$@"',
        'sleep 0 &\nexec "$(command -v python)" -m shop',
    ],
)
def test_scripts_that_become_the_program(spoil, new):
    assert said(spoil(SCRIPT, 'exec python -m shop "$@"', new)) == {}


def changed(repository, **changes):
    return said(judge(Subject(repository, replace(PROGRAM, **changes)), RULES))


def test_only_who_is_asked_migrates_and_the_others_wait(repository):
    both = {**PROGRAM.roles, "worker": replace(WORKER, migrates=True)}
    assert changed(repository, roles=both) == {"migrations": "the roles that migrate are: api, worker"}
    hasty = {**PROGRAM.roles, "worker": replace(WORKER, awaits_schema=False)}
    assert changed(repository, roles=hasty).keys() == {"migrations"}


def test_a_role_without_a_service_is_an_error_unless_it_is_optional(repository):
    more = {**PROGRAM.roles, "beat": replace(WORKER, concurrency="", queues=())}
    for optional, severity in ((frozenset(), "error"), (frozenset({"beat"}), "warning")):
        subject = Subject(repository, replace(PROGRAM, roles=more, optional=optional))
        (breach,) = judge(subject, RULES)
        assert (breach.rule.name, breach.flaw.severity) == ("roles", severity)


def test_an_image_of_one_role_may_be_left_out_and_may_choose_it(repository, judged):
    (repository / "Dockerfile.single").write_text(shop.SINGLE)
    (repository / "bin/single.sh").write_text(shop.SCRIPT)
    assert said(judged(repository)) == {"entrypoint": "is not executable"}
    (repository / "bin/single.sh").chmod(0o755)
    assert said(judged(repository)) == {}
    (repository / "bin/start.sh").unlink()
    assert said(judged(repository)) == {"entrypoint": "is missing"}


def test_the_image_is_told_where_its_entrypoint_lies(spoil):
    (breach,) = spoil(DOCKERFILE, START, "")
    assert breach.flaw.fix == 'ENTRYPOINT ["/opt/shop/bin/start.sh"]'


def test_a_program_without_a_database_needs_no_pools(repository):
    for file, line in (("services.toml", "DB_URL"), ("tiers.toml", "database_pool_size")):
        path = repository / "platform" / file
        kept = [text for text in path.read_text().splitlines() if not text.startswith((line, "Database"))]
        path.write_text("\n".join(kept))
    (repository / COMPOSE).write_text(
        "\n".join(text for text in (repository / COMPOSE).read_text().splitlines() if "DB_URL" not in text)
    )
    roles = {kind: replace(role, requires=("BROKER_URL",)) for kind, role in PROGRAM.roles.items()}
    assert changed(repository, database="", pool_size="", roles=roles) == {}


def test_routes_that_cannot_be_read_are_not_judged_but_a_file_that_is_missing_is(repository):
    (repository / "shop/health.py").unlink()
    assert changed(repository) == {"health_check": "/up is no route; there is none"}
    assert changed(repository, health_routes="") == {}


def test_the_budget_counts_pools_beats_migration_and_operators(repository):
    deployment = Deployment.load(repository, PROGRAM)
    tier = Tier(name="any", concurrency={"api": 3, "worker": 2}, database_pool_size=4)
    assert budget(deployment, tier, overlap=False) == {
        "pools": 20,
        "beats": 1,
        "migration": 1,
        "operators": 3,
    }
    assert budget(deployment, tier, overlap=True) == {"pools": 40, "beats": 2, "migration": 1, "operators": 3}


def test_a_folder_without_a_declaration_is_one_breach_and_no_pass(tmp_path, judged):
    (breach,) = judged(tmp_path)
    assert (breach.rule.name, breach.flaw.place.file) == ("declaration", "platform")
    assert "services.toml is missing" in breach.flaw.what

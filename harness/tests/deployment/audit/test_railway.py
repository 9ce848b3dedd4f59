"""What Railway provides, reads and replaces: right as it is used by others, and named where it is no use here."""

import pytest

from harness.tests.deployment.audit.test_rules import KIND, SERVICES

ADDRESS = 'BROKER_URL = "${{Broker.BROKER_URL}}"'
BROKER = 'Broker = ["BROKER_URL"]'


def names(breaches):
    return {breach.rule.name for breach in breaches}


@pytest.mark.parametrize("name", ["railway.json", "railway.toml"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"deploy": {\n"startCommand": "flask run"}}', "its startCommand takes the place"),
        ('[deploy]\nstartCommand = "flask run"\n', "its startCommand takes the place"),
        ("{}", "overrides what is declared"),
        ("", "overrides what is declared"),
    ],
)
def test_config_as_code_replaces_what_is_declared(repository, judged, name, text, said):
    (repository / name).write_text(text)
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.file) == ("config_as_code", name)
    assert said in breach.flaw.what
    assert "2026-12-01" in breach.flaw.what
    assert breach.flaw.place.line == (2 if "startCommand" in text else 0)


def test_config_as_code_of_a_service_is_in_its_root_directory(repository, judged, edit):
    edit(SERVICES, 'root_directory = "/"', 'root_directory = "/backend"')
    (repository / "backend").mkdir()
    (repository / "backend" / "railway.json").write_text("{}")
    assert "backend/railway.json" in {breach.flaw.place.file for breach in judged(repository)}


def test_what_is_exported_is_not_read_by_railway(repository, judged):
    (repository / ".railway").mkdir()
    (repository / ".railway" / "railway.py").write_text("")
    (repository / "railway-environment.json").write_text("{}")
    assert judged(repository) == []


@pytest.mark.parametrize(
    ("server", "address"),
    [
        (
            'Broker = ["REDIS_URL", "BROKER_URL"]',
            "redis://default:${{Broker.REDIS_PASSWORD}}@${{Broker.RAILWAY_PRIVATE_DOMAIN}}:6379",
        ),
        (
            'Broker = ["REDIS_URL", "BROKER_URL"]',
            "redis://${{Broker.REDISUSER}}:${{Broker.REDISPASSWORD}}@${{Broker.REDISHOST}}:${{Broker.REDISPORT}}",
        ),
        ('Broker = ["REDIS_URL", "BROKER_URL"]', "${{Broker.REDIS_PRIVATE_URL}}"),
        ('Broker = ["DATABASE_URL", "BROKER_URL"]', "${{Broker.DATABASE_PRIVATE_URL}}"),
        ('Broker = ["BROKER_URL"]', "https://${{shop-api.RAILWAY_SERVICE_SHOP_WORKER_URL}}"),
        ('Broker = ["BROKER_URL"]', "https://${{Broker.RAILWAY_SERVICE_SHOP_API_URL}}"),
        ('"@acme/Broker" = ["BROKER_URL"]', '${{"@acme/Broker".BROKER_URL}}'),
    ],
)
def test_an_address_made_of_what_railway_provides(edit, judged, server, address):
    repository = edit(SERVICES, BROKER, server)
    path = repository / SERVICES
    path.write_text(path.read_text().replace(ADDRESS, f"BROKER_URL = '{address}'"))
    assert [f"{breach.rule.name}: {breach.flaw.what}" for breach in judged(repository)] == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("${{secret(32)}}", "secret() makes a value only in a template"),
        ('${{ secret(64, "abc") }}', "secret() makes a value only in a template"),
        ("${{randomInt(1, 9)}}", "randomInt() makes a value only in a template"),
        ("${{@acme/shop.CURRENCY}}", 'write ${{"@acme/shop".CURRENCY}}'),
        ('${{"@acme/shop".CURRENCY}}', "names no service"),
        ('${{"shop-api.CURRENCY}}', "is no reference"),
    ],
)
def test_a_reference_that_is_none_has_a_sentence_of_its_own(spoil, written, said):
    breaches = spoil(SERVICES, 'CURRENCY = "${{shop-api.CURRENCY}}"', f"CURRENCY = '{written}'")
    assert names(breaches) == {"references"}
    assert any(said in breach.flaw.what for breach in breaches), [breach.flaw.what for breach in breaches]


def test_the_address_of_a_service_that_nobody_declares_is_nothing_that_railway_provides(spoil):
    written = 'CURRENCY = "https://${{RAILWAY_SERVICE_SHOP_APPI_URL}}"'
    assert "references" in names(spoil(SERVICES, 'CURRENCY = "${{shop-api.CURRENCY}}"', written))


def test_a_service_knows_the_addresses_of_all_by_its_own_name(spoil):
    assert (
        spoil(
            SERVICES,
            '"${{shop-api.CURRENCY}}"',
            '"${{shop-api.CURRENCY}}"\nSENTRY_SITE = "https://${{RAILWAY_SERVICE_SHOP_API_URL}}"',
        )
        == []
    )


@pytest.mark.parametrize(
    "variable", ["RAILWAY_SERVICE_SHOP_API_URL", "RAILWAY_PROJECT_ID", "RAILWAY_ENVIRONMENT_NAME"]
)
@pytest.mark.parametrize("other", ["", "shop-api.", "shop-worker."])
def test_what_railway_gives_to_all_alike_is_the_same_whoever_it_is_read_of(
    repository, judged, variable, other
):
    services = repository / SERVICES
    text = services.read_text().replace(
        'CURRENCY = "${{shop-api.CURRENCY}}"', f'CURRENCY = "https://${{{{{other}{variable}}}}}/v1"'
    )
    services.write_text(text.replace('CURRENCY = "EUR"', f'CURRENCY = "https://${{{{{variable}}}}}/v1"'))
    assert [breach.flaw.what for breach in judged(repository)] == []


def test_what_differs_by_service_is_another_one(repository, judged):
    services = repository / SERVICES
    text = services.read_text().replace(
        'CURRENCY = "${{shop-api.CURRENCY}}"', 'CURRENCY = "${{RAILWAY_PRIVATE_DOMAIN}}"'
    )
    services.write_text(text.replace('CURRENCY = "EUR"', 'CURRENCY = "${{RAILWAY_PRIVATE_DOMAIN}}"'))
    assert "same_servers" in names(judged(repository))


def test_the_address_of_a_service_is_railways_to_set(spoil):
    assert names(spoil(SERVICES, KIND, f'{KIND}RAILWAY_SERVICE_SHOP_API_URL = "shop.example.com"\n')) == {
        "railway_names"
    }


@pytest.mark.parametrize(
    "variable",
    [
        *("FORWARDED_ALLOW_IPS", "TZ", "NO_PROXY", "https_proxy", "SSL_CERT_FILE", "LC_ALL"),
        *("PYTHONUNBUFFERED", "MALLOC_ARENA_MAX", "WEB_CONCURRENCY", "OPENAI_ORG_ID", "SENTRY_DSN"),
        *("OPENAI_ADMIN_KEY", "OPENAI_CUSTOM_HEADERS", "OPENAI_WEBHOOK_SECRET"),
        *("KOMBU_LOG_DEBUG", "KOMBU_LOG_CHANNEL", "KOMBU_LOG_CONNECTION"),
        *("OPENSSL_CONF", "RES_OPTIONS", "LOCALDOMAIN", "TMP", "TEMP", "NO_COLOR"),
    ],
)
def test_what_libraries_read_is_read(spoil, variable):
    assert spoil(SERVICES, KIND, f'{KIND}{variable} = "1"\n') == []


@pytest.mark.parametrize("variable", ["FORWARDED_ALLOW_IP", "TZZ", "NO_PROXI", "PYTHON", "CURENCY"])
def test_what_is_nearly_so_is_not(spoil, variable):
    assert names(spoil(SERVICES, KIND, f'{KIND}{variable} = "1"\n')) == {"unread"}

import ast
import ipaddress
import os
import re
import secrets
from pathlib import Path

import pytest
import trustme
from hypothesis import given, strategies

from app.core.session import way
from app.core.settings import Settings, SettingsError, doubtful, load_settings, variables
from app.core.settings.table import configuration_table
from app.roles import ROLES

ROOT = Path(__file__).parents[2]
SOURCES = [p for p in (ROOT / "app").rglob("*.py") if "tests" not in p.parts]

# Literal copy of the variables in the deployment guide.
GUIDE = [
    "SERVICE_TYPE",
    "PORT",
    "UVICORN_WORKERS",
    "DATABASE_URL",
    "REDIS_URL",
    "JWT_SECRET_KEY",
    "JWT_ALGORITHM",
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
    "ADMIN_USERNAME",
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
    "ENVIRONMENT",
    "DEBUG",
    "CELERY_LOGS_CONCURRENCY",
    "CELERY_CONTENT_CONCURRENCY",
    "CELERY_LOG_LEVEL",
    "FLOWER_PORT",
]
DEFAULTS = {
    "port": 8000,
    "uvicorn_workers": 4,
    "jwt_algorithm": "HS256",
    "access_token_expire_minutes": 43200,
    "admin_username": "admin",
    "openai_model": "gpt-4o-mini",
    "environment": "production",
    "debug": False,
    "celery_logs_concurrency": 2,
    "celery_content_concurrency": 2,
    "celery_log_level": "info",
    "flower_port": 5555,
}


def environment(role: str, **changes: str | None) -> dict[str, str]:
    values = {
        "SERVICE_TYPE": role,
        "DATABASE_URL": "postgresql://u:p@db/app",
        "REDIS_URL": "rediss://:p@redis:6379",
        "JWT_SECRET_KEY": secrets.token_hex(32),
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": "Tr0ub4dor-and-3",
        "OPENAI_API_KEY": "sk-live",
        "FLOWER_BASIC_AUTH": "ops:Tr0ub4dor-and-3",
    } | changes
    return {name: value for name, value in values.items() if value is not None}


def problems(role: str, **changes: str | None) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment(role, **changes))
    return caught.value.problems


def test_the_guides_variables_are_all_known():
    assert set(GUIDE) <= set(variables())


def test_the_guides_defaults_are_ours():
    settings = load_settings(environment("api"))
    assert {name: getattr(settings, name) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_a_role_needs_its_own_variables_and_no_others(role):
    own = {
        n: v for n, v in environment(role.service_type, FLOWER_BASIC_AUTH=None).items() if n in role.requires
    }
    extra = {"FLOWER_BASIC_AUTH": "ops:Tr0ub4dor-and-3"} if role.service_type == "flower" else {}
    load_settings({"SERVICE_TYPE": role.service_type, **own, **extra})
    for variable in role.requires:
        missing = {k: v for k, v in own.items() if k != variable} | extra
        with pytest.raises(SettingsError) as caught:
            load_settings({"SERVICE_TYPE": role.service_type, **missing})
        assert "is missing" in caught.value.problems[variable]


@pytest.mark.parametrize("variable", GUIDE)
@pytest.mark.parametrize("value", ["", "  ", "${{Postgres.DATABASE_URL}}"])
def test_an_empty_or_unresolved_variable_is_named(variable, value):
    assert list(problems("api", **{variable: value})) == [variable]


@pytest.mark.parametrize("variable", variables())
def test_bytes_that_are_no_text_are_named_and_not_shown(variable):
    """Variables with invalid bytes, as Python gets them: a lone surrogate for each byte."""
    found = problems("api", **{variable: os.fsdecode(b"hunter2\xff\xfe" * 8)})
    assert [*found] == [variable]
    assert "not of UTF-8" in found[variable]
    assert "hunter2" not in found[variable]


@pytest.mark.parametrize("value", [None, "worker", "API"])
def test_an_unknown_role_lists_the_valid_ones(value):
    message = problems("api", SERVICE_TYPE=value)["SERVICE_TYPE"]
    assert all(role in message for role in ROLES)


@pytest.mark.parametrize(
    ("role", "variable", "value"),
    [
        ("api", "JWT_SECRET_KEY", "your-secret-key-here"),
        ("api", "JWT_SECRET_KEY", "short"),
        ("api", "JWT_SECRET_KEY", "a" * 64),
        ("api", "JWT_PREVIOUS_SECRET_KEY", "short"),
        ("celery_logs", "JWT_SECRET_KEY", "your-secret-key-here"),
        ("api", "ADMIN_PASSWORD", "your-secure-password"),
        ("api", "ADMIN_PASSWORD", "admin"),
        ("api", "METRICS_TOKEN", "short"),
        ("api", "METRICS_TOKEN", "change-me-before-you-deploy"),
        ("api", "DEBUG", "true"),
        ("api", "ALSO_RUN", "celery_logs"),
        ("api", "PASSWORD_HASH_MEMORY_MIB", "18"),
        ("api", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=none"),
        ("celery_content", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=CERT_OPTIONAL"),
        ("flower", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=required&ssl_check_hostname=false"),
        ("celery_logs", "REDIS_URL", "redis://default:hunter2@sample.proxy.rlwy.net:12345"),
        ("api", "DATABASE_URL", "postgresql://u:p@db.example.com/app?sslmode=require"),
        ("celery_logs", "DATABASE_URL", "postgresql://u:p@db.example.com/app"),
        ("flower", "FLOWER_BASIC_AUTH", None),
        ("flower", "FLOWER_BASIC_AUTH", ":Tr0ub4dor-and-3"),
        ("flower", "FLOWER_BASIC_AUTH", "ops:"),
        ("flower", "FLOWER_BASIC_AUTH", "ops:password-for-ops"),
    ],
)
def test_production_refuses_what_is_unsafe_and_development_does_not(role, variable, value):
    assert variable in problems(role, **{variable: value})
    load_settings(environment(role, **{variable: value}, ENVIRONMENT="development"))


def test_a_plain_redis_on_the_internet_is_told_apart_from_one_that_nobody_verifies():
    assert "rediss://" in problems("api", REDIS_URL="redis://:hunter2@8.8.8.8")["REDIS_URL"]
    assert "ssl_cert_reqs" in problems("api", REDIS_URL="rediss://h?ssl_cert_reqs=none")["REDIS_URL"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "eighty"), ("DATABASE_URL", "mysql://root:hunter2@h/d"), ("OPENAI_TIMEOUT_SECONDS", "-1")]
    + [
        ("CORS_ORIGINS", value)
        for value in ("https://*", "app.example.org", "https://app.example.org/", "null")
    ]
    + [("FORWARDED_ALLOW_IPS", value) for value in ("*", "edge.example.com", "172.16.0.0/12,", "10.0.0.300")],
)
def test_a_wrong_value_is_named_but_never_shown(variable, value):
    with pytest.raises(SettingsError) as caught:
        load_settings(environment("api", **{variable: value}))
    assert variable in caught.value.problems
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://user:hunter2/x@127.0.0.1:1/v1", "an @"),
        ("https://user:hunter2@h/v1", "an @"),
        ("https://h/v1/hunter2@x", "an @"),
        ("https://h:hunter2/v1", "port"),
        ("https://hunter2:99999/v1", "port"),
        ("https://hunter2:0/v1", "port"),
        ("https://hunter2:/v1", "port"),
        ("https://hunter2/v1\n", "white space"),
        (" https://hunter2/v1", "white space"),
        ("https://hunter2/v 1", "white space"),
        ("https://hunter2/v1\u200b", "invisible"),
        ("https://[::1/hunter2", "IPv6"),
        ("https://::1/hunter2", "brackets"),
        ("hunter2.example/v1", "http:// or https://"),
        ("ftp://hunter2/v1", "http:// or https://"),
        ("https:hunter2/v1", "http:// or https://"),
        ("https:///hunter2", "no host"),
        ("${hunter2}", "http:// or https://"),
        ("https://${hunter2}/v1", "host"),
        ("https://hünter2/v1", "host"),
        ("https://10.0.0.256/hunter2", "IPv4"),
        ("https://h/v1?hunter2=x", "?"),
        ("https://hunter2/v1?", "?"),
        ("https://h/v1#hunter2", "#"),
        ("https://h/hunter2%", "%"),
        ("https://h/hunter2%0a", "control character"),
        ("https://h/hunter2/chat/completions", "path of a call"),
        ("https://h/v1/Chat/Completions/", "path of a call"),
        ("https://h/v1/responses", "path of a call"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_an_address_of_the_provider_that_no_client_could_ask_is_refused_by_its_part(role, url, part):
    """Otherwise a role starts and is ready, and each task fails with an error that quotes the address."""
    found = problems(role, OPENAI_BASE_URL=url)
    assert [*found] == ["OPENAI_BASE_URL"]
    assert part in found["OPENAI_BASE_URL"]
    assert "nter2" not in found["OPENAI_BASE_URL"]


@pytest.mark.parametrize(
    "url",
    [
        *("https://api.openai.com/v1", "https://api.openai.com/v1/", "HTTPS://h", "http://provider:8080/v1"),
        *("http://127.0.0.1:1/v1", "http://[::1]:8080/v1", "http://10.0.0.1/openai/deployments/a%20b"),
        *("http://my_provider.railway.internal:8080/v1", "https://h:443/v1"),
    ],
)
def test_the_providers_address_is_taken_as_it_is_written(url):
    assert load_settings(environment("api", OPENAI_BASE_URL=url)).openai_base_url == url


@pytest.mark.parametrize("value", ["acme-large ", "\tacme-large"])
def test_a_space_around_a_value_that_is_taken_as_it_is_written_is_doubtful(value):
    found = dict(doubtful(load_settings(environment("celery_content", OPENAI_MODEL=value))))
    assert found == {"OPENAI_MODEL": "begins or ends with a space, which is part of the value"}
    assert not dict(doubtful(load_settings(environment("celery_content", OPENAI_MODEL="acme-large"))))


SECRET = "hunter2" * 8
SIGNING = ["JWT_SECRET_KEY", "JWT_PREVIOUS_SECRET_KEY", "METRICS_TOKEN"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", *SIGNING])
@pytest.mark.parametrize("value", [f"{SECRET}\n", f" {SECRET}", f"{SECRET}\u00a0", f"\t{SECRET}\r\n"])
def test_white_space_around_a_key_was_pasted_with_it(role, variable, value):
    found = problems(role, **{variable: value})
    assert [*found] == [variable]
    assert "white space" in found[variable]
    assert "hunter2" not in found[variable]


@pytest.mark.parametrize(
    "value", ["hunter2 hunter2", "hunter2\nx", "hünter2", "hunter2\u200b", "hunter2\x7f"]
)
def test_a_key_that_no_header_can_carry_is_no_provider_that_is_down(value):
    found = problems("celery_content", OPENAI_API_KEY=value)
    assert [*found] == ["OPENAI_API_KEY"]
    assert "nter2" not in found["OPENAI_API_KEY"]


@pytest.mark.parametrize("variable", SIGNING)
def test_white_space_within_a_phrase_that_signs_is_taken(variable):
    load_settings(environment("api", **{variable: "seven quick wizards jumped over my box of forks"}))


@pytest.mark.parametrize(
    "value", ["ops:hunter2,hunter2", "ops,hunter2:Tr0ub4dor-and-3", "a:hunter2hunter2,b:c"]
)
@pytest.mark.parametrize("stage", ["production", "development"])
def test_flower_would_cut_a_password_in_two_at_its_comma(stage, value):
    found = problems("flower", FLOWER_BASIC_AUTH=value, ENVIRONMENT=stage)
    assert [*found] == ["FLOWER_BASIC_AUTH"]
    assert "comma" in found["FLOWER_BASIC_AUTH"]
    assert "hunter2" not in found["FLOWER_BASIC_AUTH"]


ORIGINS = [
    "https://app.example.com",
    "http://localhost:3000",
    "https://localhost:80",
    "http://127.0.0.1:8080",
    "http://[::1]:3000",
    "http://[::ffff:7f00:1]",
    "https://xn--bcher-kva.example",
    "http://my_page:65535",
]


@pytest.mark.parametrize("origin", [*ORIGINS, " , ".join(ORIGINS)])
def test_an_origin_as_browsers_send_it_is_taken(origin):
    expected = tuple(one.strip() for one in origin.split(","))
    assert load_settings(environment("api", CORS_ORIGINS=origin)).cors_origins == expected


@pytest.mark.parametrize(
    "origin",
    [
        *("https://app.example.com:443", "http://localhost:80", "http://localhost:", "http://localhost:0"),
        *(
            "https://app.example.com:0443",
            "http://localhost:03000",
            "http://localhost:99999",
            "http://a:65536",
        ),
        *("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:80", "http://[::ffff:127.0.0.1]", "http://[::1"),
        *("http://[::00ff]", "http://[:::]", "http://[fe80::1%25eth0]", "http://::1", "http://[]"),
        *("https://..", "https://.", "https://a..b", "https://.a", "https://a.", "https://", "https://-"),
        *("http://127.1", "http://127.0.0.01", "http://0x7f.0.0.1", "http://256.0.0.1", "http://1.2.3.4.5"),
        *("https://App.example.com", "HTTPS://app.example.com", "https://bücher.example", "https://xn--a"),
        *("https://app.example.com/", "https://app.example.com/a", "https://u@a.example", "ftp://a.example"),
        *(
            "https://a.example?x",
            "https://a.example#x",
            "https://a b",
            "https:/a.example",
            "//a.example",
            "*",
        ),
        *(f"https://{'a' * 64}.example", f"https://{'a.' * 127}example", "https://a.example:٣"),
        *("null", "https://a.example,", "https://a.example https://b.example"),
    ],
)
def test_what_no_browser_sends_as_its_origin_is_refused(origin):
    """It would match no origin that browsers send, and refuse a page without an error."""
    found = problems("api", CORS_ORIGINS=f"https://good.example,{origin}")
    assert [*found] == ["CORS_ORIGINS"]
    assert "https://app.example.com" in found["CORS_ORIGINS"]
    assert "port" in found["CORS_ORIGINS"]


@given(
    scheme=strategies.sampled_from(["http", "https"]),
    host=strategies.one_of(
        strategies.ip_addresses(v=4).map(str),
        strategies.ip_addresses(v=6).map(lambda found: f"[{found.exploded}]"),
        strategies.ip_addresses(v=6)
        .filter(lambda found: not found.ipv4_mapped)
        .map(lambda found: f"[{found}]"),
        strategies.from_regex(r"[a-zA-Z]{1,9}(\.[a-zA-Z]{1,9}){0,3}", fullmatch=True),
    ),
    port=strategies.integers(0, 70_000),
    zeros=strategies.sampled_from(["", "0"]),
)
def test_an_origin_is_taken_if_it_is_what_a_browser_makes_of_it(scheme, host, port, zeros):
    origin = f"{scheme}://{host}:{zeros}{port}"
    serialised = f"[{ipaddress.IPv6Address(host[1:-1])}]" if host.startswith("[") else host.lower()
    own = {"http": 80, "https": 443}[scheme]
    as_sent = host == serialised and not zeros and 0 < port <= 65_535 and port != own
    assert is_taken(origin) == as_sent


def is_taken(origin):
    try:
        load_settings(environment("api", CORS_ORIGINS=origin))
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize(
    "proxies",
    [
        *("0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "10.0.0.0/7", "::/15", "2000::/3", "127.0.0.1, ::/0"),
        *("::/16", "::ffff:0:0/96", "::ffff:0.0.0.0/96", "::ffff:128.0.0.0/97", "::ffff:10.0.0.0/103"),
    ],
)
def test_no_network_of_proxies_is_half_of_the_internet(proxies):
    """Otherwise every client could choose its address, as with an asterisk; IPv4 addresses are among those of IPv6, too."""
    found = problems("api", FORWARDED_ALLOW_IPS=proxies)
    assert [*found] == ["FORWARDED_ALLOW_IPS"]
    assert "/8" in found["FORWARDED_ALLOW_IPS"]
    assert "/16" in found["FORWARDED_ALLOW_IPS"]


@pytest.mark.parametrize(
    "proxies",
    ["10.0.0.0/8", "127.0.0.0/8,fd00::/16", "192.0.2.1,2001:db8::/32", "::1", "::ffff:10.0.0.0/104"],
)
def test_a_network_that_somebody_has_may_be_that_of_the_proxies(proxies):
    assert load_settings(environment("api", FORWARDED_ALLOW_IPS=proxies)).forwarded_allow_ips == proxies


PRICES = "OPENAI_PROMPT_PRICE", "OPENAI_COMPLETION_PRICE"
FREE = dict.fromkeys(PRICES, "0")
DEAR = dict(zip(PRICES, ("2.5", "10"), strict=True))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("budget", ["OPENAI_DAILY_BUDGET_USD", "OPENAI_DAILY_BUDGET_PER_USER_USD"])
@pytest.mark.parametrize(
    ("given", "means_something"),
    [
        ({}, True),
        ({"OPENAI_MODEL": "gpt-4o-mini"}, True),
        ({PRICES[0]: "1000"}, True),
        ({PRICES[0]: "0"}, True),  # the other price counts
        (FREE, False),
        (dict.fromkeys(PRICES, "0.0"), False),
        ({"OPENAI_MODEL": "gpt-4o"}, False),
        ({"OPENAI_MODEL": "gpt-4o", **FREE}, False),
        ({"OPENAI_MODEL": "gpt-4o", PRICES[0]: "2.5"}, False),
        ({"OPENAI_MODEL": "gpt-4o", PRICES[1]: "10"}, False),
        ({"OPENAI_MODEL": "gpt-4o", **DEAR}, True),
        ({"OPENAI_MODEL": "gpt-4o-mini-2024-07-18", PRICES[0]: "0.15", PRICES[1]: "0.6"}, True),
    ],
)
def test_a_budget_is_counted_by_the_models_own_prices(role, budget, given, means_something):
    """With another model's prices or none the budget would last ten days or for ever, and nobody would see why."""
    load_settings(environment(role, **given))
    load_settings(environment(role, **given, **{budget: "0"}))
    if means_something:
        load_settings(environment(role, **given, **{budget: "5"}))
        return
    found = problems(role, **given, **{budget: "5"})
    assert [*found] == [budget]
    assert all(price in found[budget] for price in PRICES)


def test_both_budgets_are_named_where_both_mean_nothing():
    budgets = ["OPENAI_DAILY_BUDGET_USD", "OPENAI_DAILY_BUDGET_PER_USER_USD"]
    assert [*problems("api", **FREE, **dict.fromkeys(budgets, "5"))] == budgets


CERTIFICATE = trustme.CA().cert_pem.bytes().decode()
VERIFIED = "postgresql://u:p@db.example.com/app?sslmode=verify-full"


@pytest.mark.parametrize("written", [CERTIFICATE, CERTIFICATE.replace("\n", "\\n"), CERTIFICATE.strip()])
def test_a_certificate_may_stand_in_a_variable(written):
    settings = load_settings(environment("api", DATABASE_URL=VERIFIED, DATABASE_CA_CERTIFICATE=written))
    assert len(way(settings).tls.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("url", "certificate", "said"),
    [
        (VERIFIED, "/etc/ca.pem", "no certificate in PEM form"),
        (VERIFIED, CERTIFICATE[:200], "no certificate in PEM form"),
        (VERIFIED, f"# \u8bc1\u4e66\n{CERTIFICATE}", "no certificate in PEM form"),
        (VERIFIED.partition("?")[0].replace("db.example.com", "db"), CERTIFICATE, "is for nothing"),
        (f"{VERIFIED}&sslrootcert=/ca.pem", CERTIFICATE, "leave one of them out"),
    ],
)
def test_a_certificate_that_is_none_or_for_nothing_is_refused(url, certificate, said):
    assert (
        said
        in problems("api", DATABASE_URL=url, DATABASE_CA_CERTIFICATE=certificate)["DATABASE_CA_CERTIFICATE"]
    )


FLOATS = [name for name, field in Settings.model_fields.items() if field.annotation is float]


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "Infinity", "1e999"])
@pytest.mark.parametrize("field", FLOATS)
def test_no_setting_is_without_end_or_no_number(field, value):
    assert field.upper() in problems("celery_content", **{field.upper(): value})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("circuit", "attempt", "fits"),
    [
        ("10", None, True),
        ("140", "280", True),
        ("140.1", "280", False),
        ("100000", None, False),
        (None, "15", False),
    ],
)
def test_a_pause_of_the_circuit_fits_into_an_attempt(role, circuit, attempt, fits):
    given = {"OPENAI_CIRCUIT_SECONDS": circuit, "GENERATION_TIMEOUT_SECONDS": attempt}
    if fits:
        load_settings(environment(role, **given))
        return
    (name, problem), *others = problems(role, **given).items()
    assert (name, others) == ("OPENAI_CIRCUIT_SECONDS", [])
    assert "GENERATION_TIMEOUT_SECONDS" in problem


@pytest.mark.parametrize(
    ("call", "attempt", "rest"),
    [("60", "280", 120), ("60", "25", 10), ("1", "25", 19.2), ("600", "600", 120)],
)
def test_an_attempt_that_begins_with_the_longest_rest_has_time_for_a_call(call, attempt, rest):
    given = {
        "OPENAI_TIMEOUT_SECONDS": call,
        "GENERATION_TIMEOUT_SECONDS": attempt,
        "OPENAI_CIRCUIT_SECONDS": "1",
    }
    settings = load_settings(environment("celery_content", **given))
    assert settings.longest_rest_seconds == pytest.approx(rest)
    assert settings.longest_rest_seconds + settings.call_seconds < settings.generation_timeout_seconds


@pytest.mark.parametrize("where", ["production", "development"])
@pytest.mark.parametrize(
    ("algorithm", "characters", "long_enough"),
    [
        ("HS256", 32, True),
        ("HS384", 47, False),
        ("HS384", 48, True),
        ("HS512", 63, False),
        ("HS512", 64, True),
    ],
)
def test_a_key_is_as_long_as_the_hash_that_it_is_for(where, algorithm, characters, long_enough):
    key = secrets.token_urlsafe(99)[:characters]
    given = {"JWT_ALGORITHM": algorithm, "JWT_SECRET_KEY": key, "ENVIRONMENT": where}
    if long_enough:
        load_settings(environment("api", **given))
        return
    found = problems("api", **given)
    assert found.keys() == {"JWT_SECRET_KEY"}
    assert f"too short for {algorithm}" in found["JWT_SECRET_KEY"]
    assert key not in found["JWT_SECRET_KEY"]


@pytest.mark.parametrize(
    "variable", ["CELERY_SOFT_SHUTDOWN_SECONDS", "ACCESS_TOKEN_EXPIRE_MINUTES", "OPENAI_CIRCUIT_SECONDS"]
)
def test_what_no_clock_can_hold_is_refused(variable):
    assert variable in problems("api", **{variable: "1000000000000"})


def test_all_problems_are_told_at_once():
    assert set(problems("api", PORT="x", JWT_SECRET_KEY="short", ADMIN_EMAIL=None)) >= {"PORT", "ADMIN_EMAIL"}
    assert set(problems("api", JWT_SECRET_KEY="short", ADMIN_EMAIL=None)) == {"JWT_SECRET_KEY", "ADMIN_EMAIL"}


def test_the_api_may_run_other_roles_for_a_developer():
    given = environment("api", ALSO_RUN="celery_logs, celery_content", ENVIRONMENT="development")
    assert load_settings(given).also_run == ("celery_logs", "celery_content")
    assert "celery_content, flower" in problems("api", ALSO_RUN="api", ENVIRONMENT="development")["ALSO_RUN"]


@pytest.mark.parametrize("kind", ["production", "development"])
def test_a_password_that_no_login_takes_is_refused(kind):
    long = "correct horse battery " * 10
    assert "no login takes" in problems("api", ADMIN_PASSWORD=long, ENVIRONMENT=kind)["ADMIN_PASSWORD"]
    load_settings(environment("api", ADMIN_PASSWORD=long[:200], ENVIRONMENT=kind))


def test_no_secret_is_in_the_printed_settings():
    given = environment("api", DATABASE_URL="postgresql://u:hunter2@db/app")
    shown = repr(load_settings(given))
    assert not [
        name for name in ("JWT_SECRET_KEY", "ADMIN_PASSWORD", "OPENAI_API_KEY") if given[name] in shown
    ]
    assert "hunter2" not in shown


def test_documented_is_what_is_declared():
    assert (ROOT / "docs/configuration.md").read_text() == configuration_table() + "\n"


ROW = re.compile(r"^\| (`\w+`) \| ([^|]*) \| ([^|]*) \| (.*) \|$", re.MULTILINE)


def test_the_chinese_table_has_every_variable_as_the_code_has_it():
    """Each variable has its meaning in both languages."""
    theirs = {row[0]: row[1:] for row in ROW.findall(configuration_table())}
    ours = {row[0]: row[1:] for row in ROW.findall((ROOT / "docs/configuration.zh.md").read_text())}
    assert [*ours] == [*theirs]
    for name, (needed, default, meaning) in theirs.items():
        chinese = ours[name]
        assert chinese[0].replace("所有角色", "every role") == needed
        assert chinese[1] == default
        assert {*re.findall("`[^`]+`", chinese[2])} == {*re.findall("`[^`]+`", meaning)}, name
        assert re.search("[\u4e00-\u9fff]", chinese[2]), name


def test_every_variable_is_read_by_the_program():
    read = {
        n.attr for p in SOURCES for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.Attribute)
    }
    in_commands = {
        v for role in ROLES.values() for word in role.command for v in variables() if f"{{{v}}}" in word
    } | {option.variable for role in ROLES.values() for option in role.options}
    by_flower = {"FLOWER_BASIC_AUTH"}  # Flower reads it itself, which keeps it out of the process list
    assert {v for v in variables() if v.lower() not in read} - in_commands - by_flower == set()


def test_the_environment_is_read_in_one_place():
    readers = {p.name for p in SOURCES if "os.environ" in p.read_text() or "getenv" in p.read_text()}
    assert readers == {"environment.py", "logging.py", "entrypoint.py"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("[::]", "::"),
        ("::0", "::"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("[::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_where_to_listen_may_be_written_as_in_an_address(given, kept):
    assert load_settings(environment("api", HOST=given)).host == kept


@pytest.mark.parametrize(
    "given",
    ["http://0.0.0.0", "0.0.0.0:8000", "[::]:8000", ":: ", "[0.0.0.0", "[host]", "a b", "-", "ä.example"],
)
@pytest.mark.parametrize("role", ROLES)
def test_what_no_socket_is_opened_for_stops_every_role(given, role):
    with pytest.raises(
        SettingsError,
        match=r"^HOST is invalid: must be an address to listen on, .*without a port, for that is PORT$",
    ):
        load_settings(environment(role, HOST=given))

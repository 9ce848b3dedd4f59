"""What the settings refuse of values that are each possible is found before a role does; what they only do otherwise is warned of."""

import pytest

from harness.deployment.audit.flaw import Severity
from scenarios.roadmaps.program import PROGRAM

API, CONTENT = 'SERVICE_TYPE = "api"\n', 'SERVICE_TYPE = "celery_content"\n'
OTHER_MODEL = 'OPENAI_MODEL = "gpt-4o-mini"'


@pytest.fixture
def found(repository, judged):
    """What is found where these come into the declaration: what is there, what takes its place."""

    def look(*changes):
        path = repository / "deploy/services.toml"
        for old, new in changes:
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new, 1))
        return [
            (one.rule.name, one.flaw.severity, one.flaw.place.name, one.flaw.what)
            for one in judged(repository)
            if one.rule.name not in {"compose", "guide"}  # what they show of a declaration is another matter
        ]

    return look


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        (
            [
                (OTHER_MODEL, 'OPENAI_MODEL = "own"'),
                (API, f'{API}OPENAI_DAILY_BUDGET_USD = "5"\n'),
                (CONTENT, f'{CONTENT}OPENAI_DAILY_BUDGET_USD = "5"\nOPENAI_PROMPT_PRICE = "1"\nOPENAI_COMPLETION_PRICE = "1"\n'),
            ],
            ["roadmap-api.OPENAI_DAILY_BUDGET_USD"],
            "would be counted by prices of another model",
        ),
        (
            [(CONTENT, f'{CONTENT}OPENAI_CIRCUIT_SECONDS = "200"\n')],
            ["roadmap-celery-content.OPENAI_CIRCUIT_SECONDS"],
            "at most half of GENERATION_TIMEOUT_SECONDS",
        ),
        (
            [(API, f'{API}PASSWORD_HASH_MEMORY_MIB = "8"\n')],
            ["roadmap-api.PASSWORD_HASH_MEMORY_MIB"],
            "makes passwords cheap to guess",
        ),
        ([(OTHER_MODEL, 'OPENAI_MODEL = ""')], ["roadmap-api.OPENAI_MODEL"], "is empty"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told_of_the_variable_and_its_service(found, changes, where, said):
    told = found(*changes)
    assert [(rule, severity, name) for rule, severity, name, _ in told] == [
        ("values", Severity.ERROR, name) for name in where
    ]
    assert all(said in what for *_, what in told)


def test_all_is_told_at_once(found):
    told = found(
        (API, f'{API}REGISTRATION = "invited"\nPASSWORD_HASH_MEMORY_MIB = "8"\nOPENAI_CIRCUIT_SECONDS = ""\n')
    )
    assert {name.partition(".")[2] for _, _, name, _ in told} == {
        "REGISTRATION",
        "PASSWORD_HASH_MEMORY_MIB",
        "OPENAI_CIRCUIT_SECONDS",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('OPENAI_BASE_URL = "https://llm.example.com"', "has no path"),
        ('OPENAI_BASE_URL = "https://llm.your-domain.com/v1"', "the guide's example"),
        ('OPENAI_TIMEOUT_SECONDS = "200"', "each call is cut after 140 s"),
    ],
)
def test_what_does_otherwise_than_it_says_is_warned_of(found, line, said):
    ((rule, severity, name, what),) = found((CONTENT, f"{CONTENT}{line}\n"))
    assert (rule, severity, name) == (
        "values",
        Severity.WARNING,
        f"roadmap-celery-content.{line.split()[0]}",
    )
    assert said in what


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ('OPENAI_BASE_URL = "https://llm.example.com/v1"', Severity.ERROR),
        ('OPENAI_DAILY_BUDGET_USD = "5"', Severity.ERROR),
        ('OTEL_EXPORTER_OTLP_ENDPOINT = "https://collector.example.com"', Severity.WARNING),
    ],
)
def test_what_one_role_alone_is_told_does_not_reach_the_others(found, line, severity):
    told = found((API, f"{API}{line}\n"))
    assert {(rule, found_as) for rule, found_as, _, _ in told} == {("same_servers", severity)}
    assert f"roadmap-celery-content.{line.split()[0]}" in {name for _, _, name, _ in told}


def test_the_provider_is_the_content_workers_alone_to_know(found):
    assert found((CONTENT, f'{CONTENT}OPENAI_BASE_URL = "https://llm.example.com/v1"\n')) == []


def test_what_stands_for_a_secret_is_refused_nowhere():
    for kind, role in PROGRAM.roles.items():
        given = {"SERVICE_TYPE": kind, **{name: PROGRAM.samples.get(name, "") for name in role.requires}}
        assert {
            name: said
            for name, said in PROGRAM.refuses({name: one for name, one in given.items() if one}).items()
            if not said.startswith("is missing")
        }.keys() <= {"FLOWER_BASIC_AUTH"}

import pytest

from harness.deployment.references import Resolver, UnresolvedReferenceError, did_you_mean

SCOPES = {
    "Postgres": {"DATABASE_URL": "postgresql://db"},
    "shared": {"DOMAIN": "example.org", "ORIGIN": "https://${{DOMAIN}}"},
    "shop-api": {
        "DATABASE_URL": "${{Postgres.DATABASE_URL}}",
        "OPENAI_MODEL": "gpt-4o-mini",
        "PATH_OF_API": "/api/v1",
        "API_URL": "${{shared.ORIGIN}}${{PATH_OF_API}}?db=${{ DATABASE_URL }}",
    },
    "worker": {"OPENAI_MODEL": "${{shop-api.OPENAI_MODEL}}", "API_URL": "${{shop-api.API_URL}}"},
}


@pytest.mark.parametrize(
    ("service", "variable", "value"),
    [
        ("shop-api", "OPENAI_MODEL", "gpt-4o-mini"),
        ("shop-api", "DATABASE_URL", "postgresql://db"),
        ("worker", "OPENAI_MODEL", "gpt-4o-mini"),
        ("shared", "ORIGIN", "https://example.org"),
        ("worker", "API_URL", "https://example.org/api/v1?db=postgresql://db"),
    ],
)
def test_a_reference_is_followed_to_its_value(service, variable, value):
    assert Resolver(SCOPES).value(service, variable) == value


def test_an_own_reference_is_of_the_service_that_wrote_it_not_of_the_one_that_reads_it():
    scopes = {"a": {"NAME": "a", "GREETING": "I am ${{NAME}}"}, "b": {"NAME": "b", "SAID": "${{a.GREETING}}"}}
    assert Resolver(scopes).environment("b") == {"NAME": "b", "SAID": "I am a"}


def test_what_only_looks_like_a_reference_stays_as_it_is():
    scopes = {"a": {"PRICE": "$5", "SHELL": "${HOME} {{x}} }}"}}
    assert Resolver(scopes).environment("a") == scopes["a"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("${{Postgress.DATABASE_URL}}", 'names no service; did you mean "Postgres"?'),
        ("${{postgres.DATABASE_URL}}", 'names no service; did you mean "Postgres" (case matters)?'),
        ("${{Postgres.DATABSE_URL}}", 'names no variable of Postgres; did you mean "DATABASE_URL"?'),
        (
            "${{Postgres.database_url}}",
            'names no variable of Postgres; did you mean "DATABASE_URL" (case matters)?',
        ),
        ("${{OTHR}}", 'names no variable of api; did you mean "OTHER"?'),
        ("${{shared.DOMAIN}}", "names no variable of shared; there is none"),
        ('${{"Postgres".DATABASE_URL}}', "is no reference: write ${{service.VARIABLE}}, without quotes"),
        ("${{}}", "is no reference"),
        ('"${{Postgres.DATABASE_URL}}"', "is a reference in quotes, which would become part of the value"),
        ("'${{OTHER}}/shop'", "is a reference in quotes"),
        ("x${{Postgres.DATABASE_URL", "is never closed"),
    ],
)
def test_a_reference_to_nothing_names_service_and_variable_and_what_was_meant(value, problem):
    resolver = Resolver({"Postgres": {"DATABASE_URL": "x"}, "api": {"URL": value, "OTHER": "y"}})
    with pytest.raises(UnresolvedReferenceError) as caught:
        resolver.environment("api")
    assert (caught.value.scope, caught.value.variable) == ("api", "URL")
    assert str(caught.value).startswith("api.URL: ")
    assert problem in str(caught.value)


def test_an_error_names_the_file_too_where_there_is_one():
    resolver = Resolver({"api": {"URL": "${{Redis.REDIS_URL}}"}}, "services.toml")
    with pytest.raises(UnresolvedReferenceError, match=r"^services\.toml: api\.URL: \$\{\{Redis"):
        resolver.environment("api")


def test_quotes_around_something_else_are_part_of_the_value():
    scopes = {"a": {"NAME": "a", "SAID": '"x" says ${{NAME}}', "WHO": '"nobody"'}}
    assert Resolver(scopes).environment("a") == {"NAME": "a", "SAID": '"x" says a', "WHO": '"nobody"'}


def test_the_error_is_of_the_variable_that_holds_the_wrong_reference_not_of_its_readers():
    resolver = Resolver({"api": {"URL": "${{Redis.REDIS_URL}}"}, "worker": {"URL": "${{api.URL}}"}})
    with pytest.raises(UnresolvedReferenceError, match=r"^api\.URL: "):
        resolver.environment("worker")


@pytest.mark.parametrize(
    ("scopes", "circle"),
    [
        ({"a": {"X": "${{X}}"}}, "a.X -> a.X"),
        ({"a": {"X": "${{b.Y}}"}, "b": {"Y": "-${{a.X}}-"}}, "a.X -> b.Y -> a.X"),
        ({"a": {"X": "${{Y}}", "Y": "${{Z}}", "Z": "${{Y}}"}}, "a.Y -> a.Z -> a.Y"),
    ],
)
def test_a_cycle_is_shown_as_it_goes_round(scopes, circle):
    with pytest.raises(UnresolvedReferenceError, match=f"refers to itself: {circle}$"):
        Resolver(scopes).value("a", "X")


def test_a_name_like_no_other_gets_the_whole_list():
    assert did_you_mean("zzz", ["Postgres", "Redis"]) == "there is Postgres, Redis"

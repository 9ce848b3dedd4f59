"""For each met row of docs/security.md a statement whose replacement makes the row's test fail.

A change of such a statement must be repeated here; scenarios/roadmaps/tests/test_security_rows.py fails otherwise, before any is played.
`python -m scenarios.controls` plays them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One statement of one file, replaced in a copy of the repository.

    Args:
        file: from the repository's root.
        statement: text that is in it exactly once.
        instead: the replacement.
    """

    file: str
    statement: str
    instead: str


_SECURITY, _SESSIONS, _ONE_TIME = "app/core/security.py", "app/core/sessions.py", "app/core/one_time.py"
_THROTTLE, _LOGIN = "app/core/throttle.py", "app/api/auth.py"
_PASSWORDS, _USERS, _SCHEMA = "app/api/passwords.py", "app/api/users.py", "app/schemas/auth.py"
_PAGE = "examples/page/index.html"
_ANYBODY = "dependencies=[Depends(administrator)],", "dependencies=[],"
_ANY_PASSWORD = (
    "if account is None or not right or account.blocked:",
    "if account is None or account.blocked:",
)
_UNASKED = "right = await verify_password(body.current_password, known)", "right = True"
_GUESSED = "made = secrets.token_urlsafe(BYTES)", 'made = "x" * 43'
_SHORT = "BYTES = 32", "BYTES = 6"
_UNSIGNED = (
    'options={"require": REQUIRED_CLAIMS},',
    'options={"require": REQUIRED_CLAIMS, "verify_signature": False},',
)
_GOES_ON = "values(token_version=users.c.token_version + 1)", "values(token_version=users.c.token_version)"

MUTANTS = {
    "4.1.1": Mutant(
        "app/api/problems.py", 'MEDIA_TYPE = "application/problem+json"', 'MEDIA_TYPE = "text/x"'
    ),
    "4.1.2": Mutant("app/main.py", "redirect_slashes=False,", "redirect_slashes=True,"),
    "4.1.3": Mutant(
        "app/core/client_address.py",
        'return written(connection.client.host if connection.client else "")',
        'return written(connection.headers.get("x-forwarded-for", "").partition(",")[0])',
    ),
    "4.1.4": Mutant(
        "app/api/problems.py",
        "404: Kind.NOT_FOUND, 405: Kind.METHOD_NOT_ALLOWED",
        "404: Kind.NOT_FOUND, 405: Kind.NOT_FOUND",
    ),
    "4.2.1": Mutant("app/api/body_limit.py", "not declared.isdigit() or ", ""),
    "4.2.2": Mutant(
        "app/api/middleware.py",
        'message["headers"] = headers',
        'message["headers"] = [*headers, (b"content-length", b"1")]',
    ),
    "4.2.5": Mutant(
        "app/roadmaps/steps.py", "quote(self.concept_id, safe='') or '-'", "self.concept_id or '-'"
    ),
    "6.1.1": Mutant(
        _THROTTLE,
        'Budget("login", self._attempts, _hashed(account, address))',
        'Budget("login", self._attempts, _hashed(account, ""))',
    ),
    "6.1.3": Mutant("app/api/admin.py", *_ANYBODY),
    "6.2.1": Mutant(_SCHEMA, "Field(min_length=12, max", "Field(min_length=1, max"),
    "6.2.2": Mutant(
        _PASSWORDS, ".values(password_hash=password_hash)", ".values(password_hash=users.c.password_hash)"
    ),
    "6.2.3": Mutant(_PASSWORDS, *_UNASKED),
    "6.2.5": Mutant(_SCHEMA, "Field(min_length=12, max", "Field(pattern='[A-Z]', min_length=12, max"),
    "6.2.6": Mutant(_PAGE, 'type="password"', 'type="text"'),
    "6.2.7": Mutant(_PAGE, 'autocomplete="current-password"', 'autocomplete="off"'),
    "6.2.8": Mutant(
        _SECURITY,
        "run_in_executor(_hashing, _hasher.hash, password)",
        "run_in_executor(_hashing, _hasher.hash, password.lower())",
    ),
    "6.2.9": Mutant("app/core/settings/fitting.py", "MAX_PASSWORD_LENGTH = 200", "MAX_PASSWORD_LENGTH = 63"),
    "6.2.10": Mutant(_SECURITY, "return _hasher.verify(password_hash, password)", "return False"),
    "6.3.1": Mutant(_THROTTLE, "OF_AN_ADDRESS = 3", "OF_AN_ADDRESS = 300"),
    "6.3.2": Mutant(
        "app/core/settings/fitting.py",
        "if variable in given and _weak_password(given[variable]):",
        "if False:",
    ),
    "6.3.4": Mutant(_USERS, *_ANYBODY),
    "6.3.6": Mutant(_ONE_TIME, "tokens.c.hash == hashed(token),", ""),
    "6.4.1": Mutant(
        _USERS,
        "await connection.execute(delete(one_time_tokens).where(*mine))",
        "await connection.execute(select(1))",
    ),
    "6.4.2": Mutant(_LOGIN, *_ANY_PASSWORD),
    "6.4.3": Mutant(
        _PASSWORDS, "await _set(connection, found.user_id, made)", "await connection.execute(select(1))"
    ),
    "6.5.1": Mutant(
        _ONE_TIME,
        "await connection.execute(used.returning(tokens.c.user_id))",
        "await connection.execute(tokens.select().where(tokens.c.hash == hashed(token)))",
    ),
    "6.5.2": Mutant(_ONE_TIME, "return hashlib.sha256(token.encode()).hexdigest()", "return token"),
    "6.5.3": Mutant(_ONE_TIME, *_GUESSED),
    "6.5.4": Mutant(_ONE_TIME, *_SHORT),
    "6.5.6": Mutant(
        _USERS, "blocked.values(blocked_at=func.clock_timestamp())", "blocked.values(blocked_at=None)"
    ),
    "6.6.2": Mutant(_ONE_TIME, ", *wanted)", ")"),
    "6.6.3": Mutant(_ONE_TIME, *_SHORT),
    "6.8.2": Mutant(_SECURITY, *_UNSIGNED),
    "7.1.1": Mutant(
        _SESSIONS, "REFRESHED_LIFE = timedelta(minutes=15)", "REFRESHED_LIFE = timedelta(minutes=60)"
    ),
    "7.1.2": Mutant(
        _LOGIN,
        "await logins.remember(connection, account.id, address)",
        "await sessions.end_all(connection, account.id)",
    ),
    "7.2.1": Mutant(_SECURITY, *_UNSIGNED),
    "7.2.2": Mutant(_SECURITY, '"jti": str(uuid4()),', '"jti": str(UUID(int=0)),'),
    "7.2.3": Mutant(_ONE_TIME, *_SHORT),
    "7.2.4": Mutant(_PASSWORDS, "return await sessions.end_all(connection, user_id)", "return 0"),
    "7.3.1": Mutant(_SESSIONS, "refresh_tokens.c.expires_at > func.clock_timestamp(),", ""),
    "7.4.1": Mutant(
        _SESSIONS,
        "return and_(*same, ~exists().where(ended_sessions.c.id == claims.session_id))",
        "return and_(*same)  # whatever has ended",
    ),
    "7.4.2": Mutant(
        _USERS, "await sessions.end_all(connection, user_id)", "await connection.execute(select(1))"
    ),
    "7.4.3": Mutant(_SESSIONS, *_GOES_ON),
    "7.4.5": Mutant(_SESSIONS, *_GOES_ON),
    "7.5.1": Mutant(_PASSWORDS, *_UNASKED),
    "7.6.2": Mutant(_LOGIN, *_ANY_PASSWORD),
    "9.1.1": Mutant(_SECURITY, *_UNSIGNED),
    "9.1.2": Mutant(_SECURITY, "algorithms=[self._algorithm],", 'algorithms=["HS256", "HS384", "HS512"],'),
    "9.1.3": Mutant(
        _SECURITY,
        "keys = [key for name, key in self._keys.items() if named in {None, name}]",
        "keys = [*self._keys.values()]",
    ),
    "9.2.1": Mutant(_SECURITY, "if time.time() >= expires_at:", "if False:"),
    "9.2.2": Mutant(_ONE_TIME, "tokens.c.purpose == purpose,", ""),
    "9.2.3": Mutant(
        _SECURITY,
        'options={"require": REQUIRED_CLAIMS},',
        'options={"require": REQUIRED_CLAIMS, "verify_aud": False},',
    ),
    "9.2.4": Mutant(_SECURITY, '"aud": AUDIENCE,', ""),
}

from app.core.throttle import LoginThrottle


async def test_without_redis_attempts_are_counted_here(settings, caplog):
    throttle = LoginThrottle(settings)
    allowed = [
        await throttle.allows("ada@example.com") for _ in range(settings.login_attempts_per_minute + 2)
    ]
    assert allowed.count(True) == settings.login_attempts_per_minute
    assert allowed[-2:] == [False, False]
    assert await throttle.allows("bob@example.com")
    assert [record.message for record in caplog.records if "counted in this process" in record.message]


def test_limits_imports_no_client_of_redis_that_it_does_not_use(settings):
    """Each API process would pay for it at its start, wherever another one is installed."""
    assert set(LoginThrottle(settings)._shared.storage.dependencies) == {"redis"}

import pytest

from app.core.broker import create_celery


def transport(settings, **given):
    return create_celery(settings.model_copy(update=given)).conf.broker_transport_options


def test_a_logs_child_lives_longer_than_a_content_child(settings):
    def tasks(**given: object) -> int:
        return create_celery(settings.model_copy(update=given)).conf.worker_max_tasks_per_child

    assert tasks(service_type="celery_content") == 100
    assert tasks(service_type="celery_logs") == 10_000
    assert tasks(service_type="celery_logs", celery_max_tasks_per_child=7) == 7


def test_a_child_that_has_grown_gives_way(settings):
    grown = settings.model_copy(update={"celery_max_memory_per_child_kb": 123})
    assert create_celery(grown).conf.worker_max_memory_per_child == 123


@pytest.mark.parametrize(
    ("polling", "timeout", "health"), [(5, 10, 15), (1, 10, 15), (8, 13, 15), (30, 35, 35)]
)
def test_a_link_is_not_held_for_dead_while_a_question_for_work_is_still_open(
    settings, polling, timeout, health
):
    found = transport(settings, service_type="celery_logs", celery_polling_interval_seconds=polling)
    assert found["polling_interval"] == polling
    assert (found["socket_timeout"], found["health_check_interval"]) == (timeout, health)


def test_the_publisher_gives_up_early_however_long_workers_ask(settings):
    assert transport(settings, celery_polling_interval_seconds=30)["socket_timeout"] == 2


def test_each_queue_keeps_what_was_taken_under_keys_of_its_own(settings):
    """With shared keys the shortest time-out of all queues applies, and a roadmap takes longer than a batch of events."""
    content, logs = (transport(settings, service_type=f"celery_{queue}") for queue in ("content", "logs"))
    for key in ("unacked_key", "unacked_index_key", "unacked_mutex_key"):
        assert content[key] != logs[key]
    assert (content["visibility_timeout"], content["unacked_restore_interval"]) == (900, 120)
    assert (logs["visibility_timeout"], logs["unacked_restore_interval"]) == (60, 60)
    soon = transport(settings, service_type="celery_logs", logs_visibility_timeout_seconds=5)
    assert (soon["visibility_timeout"], soon["unacked_restore_interval"]) == (5, 5)

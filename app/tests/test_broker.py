from app.core.broker import create_celery


def test_a_logs_child_lives_longer_than_a_content_child(settings):
    def tasks(**given: object) -> int:
        return create_celery(settings.model_copy(update=given)).conf.worker_max_tasks_per_child

    assert tasks(service_type="celery_content") == 100
    assert tasks(service_type="celery_logs") == 10_000
    assert tasks(service_type="celery_logs", celery_max_tasks_per_child=7) == 7


def test_a_child_that_has_grown_gives_way(settings):
    grown = settings.model_copy(update={"celery_max_memory_per_child_kb": 123})
    assert create_celery(grown).conf.worker_max_memory_per_child == 123

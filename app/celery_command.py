"""`python -m app.celery_command`: Celery's own command, with `app` imported before Celery imports anything (see its `__init__`)."""

from celery.__main__ import main

if __name__ == "__main__":
    main()

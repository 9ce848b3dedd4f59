"""An application for jobs: HTTP requests them, Celery does them. It keeps its promises, unless `JOBS_DEFECT` names a defect."""

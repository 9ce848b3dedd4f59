"""Jobs that are asked for by HTTP and done by Celery. It keeps what it promises; `JOBS_DEFECT` names one way in which it does not."""

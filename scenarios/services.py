"""The names of the services, as scenarios use them."""

API = "roadmap-api"
LOGS = "roadmap-celery-logs"
CONTENT = "roadmap-celery-content"
FLOWER = "roadmap-celery-flower"

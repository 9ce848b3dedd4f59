"""The names of the services, as the files of the deployment have them."""

API = "roadmap-api"
LOGS = "roadmap-celery-logs"
CONTENT = "roadmap-celery-content"
FLOWER = "roadmap-celery-flower"

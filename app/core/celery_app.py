"""What `celery -A app.core.celery_app` finds."""

from app.core.broker import create_celery
from app.core.settings import load_settings

celery_app = create_celery(load_settings())

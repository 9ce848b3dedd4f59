"""Writes a first declaration of an unknown application, by looking at its files and by asking its Celery."""

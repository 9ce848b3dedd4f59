"""A first declaration of an application that nobody has told the harness of: by looking at its files, and by asking its Celery."""

"""Where Alembic asks which database to change: the connection app.core.schema hands it."""

from alembic import context

from app.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()

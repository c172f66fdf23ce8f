"""What Alembic runs: it is handed an open connection by `..migrate`."""

from alembic import context

from filmgate.storage.database.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most of a table in place: it is copied instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

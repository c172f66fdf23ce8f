"""What Alembic runs: it is handed an open connection by `..migrate`, or prints SQL."""

from alembic import context

from filmgate.storage.database.schema import metadata

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql", target_metadata=metadata, transactional_ddl=False
    )
    context.run_migrations()
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        # SQLite cannot alter most of a table in place: it is copied instead.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()

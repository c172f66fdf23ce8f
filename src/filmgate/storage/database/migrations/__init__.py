"""Alembic's migrations, run in a process of their own (`..migrate`)."""

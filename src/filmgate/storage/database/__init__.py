"""Rows: plain SQL, one module per family of tables, for SQLite."""

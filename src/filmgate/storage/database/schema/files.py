"""Characters, files, and uploads in parts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from filmgate.storage.database.schema.columns import ASCII, id_column, metadata

characters = Table(
    "characters",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("clip", Text, nullable=False),  # the blobs' keys
    Column("portrait", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
Index("characters_of_caller", characters.c.caller_id)

files = Table(
    "files",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("sha256", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("deleted_at", BigInteger),  # its blob is removed, then the row
)
Index("files_of_caller", files.c.caller_id, files.c.created_at, files.c.id)
Index("files_expiring", files.c.expires_at)
Index("files_deleted", files.c.deleted_at)

uploads = Table(  # files that come in parts
    "uploads",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes, as announced
    Column("status", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("keep_seconds", BigInteger),  # how long the file is to be kept
    Column("file_id", ASCII),
)
Index("uploads_expiring", uploads.c.status, uploads.c.expires_at)

upload_parts = Table(
    "upload_parts",
    metadata,
    id_column(),
    Column("upload_id", ASCII, ForeignKey("uploads.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("created_at", BigInteger, nullable=False),
)
Index("parts_of_upload", upload_parts.c.upload_id)

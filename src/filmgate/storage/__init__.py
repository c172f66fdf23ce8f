"""Rows and bytes."""

"""What things are. Standard library only; no I/O and no clock."""

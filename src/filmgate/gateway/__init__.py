"""What filmgate does. Knows the domain and the ports; does no I/O of its own."""

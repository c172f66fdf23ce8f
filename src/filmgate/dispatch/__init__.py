"""Who looks at which job next."""

"""Who is in the picture: silhouettes, and where they stand."""

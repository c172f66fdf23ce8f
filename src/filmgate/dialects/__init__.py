"""Wire formats: one module or package each, and none knows another."""

"""What FakeOAI has at paths of its own; the rest of it the other dialects speak as well."""

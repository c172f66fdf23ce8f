"""How Google's Gemini clients speak: `/v1beta/models/…`."""

"""How Anthropic's clients speak: `/v1/messages`."""

"""`/v1/chat/completions`: films, stills, characters and better prompts, as a conversation."""

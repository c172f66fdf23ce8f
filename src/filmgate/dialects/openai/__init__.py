"""The OpenAI API, as its SDKs speak it: https://platform.openai.com/docs/api-reference."""

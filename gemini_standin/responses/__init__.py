"""OpenAI's Responses API, which Gemini does not have: played only where it is asked for (`also_responses`).

A server on the Agents SDK's default model asks it. With this, the rest of such a server can be judged while it is moved
to chat completions: what it asks is read as the chat completion that says the same (asked.py), answered as ever, and
written as the Responses API writes it (said.py, writer.py). Made from OpenAI's documentation, not from recordings.
"""

"""Gemini's own API, `models/NAME:generateContent` and `:streamGenerateContent`: the same scripts, faults and journal.

Servers on google-genai, ADK, LiteLLM or LangChain ask it. What they ask is read as the chat completion that says the
same (asked.py), answered by the stand-in as ever, and written as Gemini's own API writes it (said.py, writer.py). Made
from the API's documentation, not from recordings.
"""

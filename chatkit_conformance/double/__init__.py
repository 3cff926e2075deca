"""The stand-in as a test double: Gemini in somebody's own pytest, by the fixture `gemini`."""

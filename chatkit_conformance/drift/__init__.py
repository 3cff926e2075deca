"""Drift: what Gemini's answers look like today, against profiles of its wire and against the cassettes."""

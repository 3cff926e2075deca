"""Live runs: a run with the real Gemini behind the server, asked through us, within a budget."""

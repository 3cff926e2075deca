"""Live runs: the reference server, or yours, with the real Gemini behind it, within a budget."""

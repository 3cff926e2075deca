"""Cassettes: what passed between a server and Gemini, recorded, scrubbed, kept as files that people can read."""

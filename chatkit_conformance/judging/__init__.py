"""Judges transcripts: the catalogue of checks, verdicts, levels of conformance and success criteria."""

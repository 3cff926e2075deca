"""Checks of turns that wait for an answer: client tools and structured input."""

"""Checks of the requests that are answered with JSON."""

"""Checks of the event stream itself."""

"""Checks of time, measured with nothing beside them."""

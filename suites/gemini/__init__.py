"""Checks of what the model is sent."""

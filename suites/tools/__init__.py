"""Checks of the seven tools."""

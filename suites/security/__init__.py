"""Checks of who may see and change what."""

"""Checks of what a user is told when something breaks, and of what still works after it."""

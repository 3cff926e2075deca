"""Checks of what a reload, a restart, a rename or a delete leaves."""

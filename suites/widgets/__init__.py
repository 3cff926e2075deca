"""Checks of widgets and of their actions."""

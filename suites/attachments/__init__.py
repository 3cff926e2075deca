"""Checks of files: registered, uploaded, sent, deleted; and of other users' files."""

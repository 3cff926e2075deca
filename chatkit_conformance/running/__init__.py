"""Runs exchanges against a server: processes, the stand-in, the environment of a test, and the runner."""

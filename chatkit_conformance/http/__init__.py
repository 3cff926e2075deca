"""Speaks HTTP with the server under test: requests, and answers while they come."""

"""Requests that are wrong on purpose: drawn from the wire's schema, one seed, one list, and shrunk to one change."""

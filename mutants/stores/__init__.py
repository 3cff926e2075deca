"""Stores that lie, one lie each, and stores that are odd and right: the proof of the Store contract."""

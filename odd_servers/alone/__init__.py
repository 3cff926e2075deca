"""Odd servers that share no code with the others, each a program of its own."""

"""Gemini's OpenAI-compatible endpoint, standing in for Google: scripted, paced, breakable, and with a journal.

Run it with `python -m gemini_standin`; everything else about it is reached over HTTP.
"""

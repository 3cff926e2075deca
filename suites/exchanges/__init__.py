"""The conversations, one file per subject."""

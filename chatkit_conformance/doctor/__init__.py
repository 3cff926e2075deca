"""The doctor: looks at a set-up for a few seconds, and says what is wrong with it and what to type."""

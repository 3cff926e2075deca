"""Why a set-up does not work: pure functions from what was seen to one cause, and what to type against it."""

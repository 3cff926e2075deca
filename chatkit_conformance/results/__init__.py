"""Results of a run: the typed model, and the files that are written from it."""

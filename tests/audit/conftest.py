"""The fixture trees are read, not run."""

collect_ignore = ["fixture"]

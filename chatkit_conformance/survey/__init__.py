"""What a look at a project tells of its server: how it starts, where it answers, who signs in, what tools it has."""

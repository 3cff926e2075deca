"""What is judged: the target file, its users and secrets, and the tools that were found."""

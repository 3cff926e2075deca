"""The domain: a user's tasks, the seven tools over them, and how they look in the chat."""

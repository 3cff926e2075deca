"""ChatKit's wire as data: one JSON Schema file per openai-chatkit release, and how a judge reads it."""

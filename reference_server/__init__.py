"""A small, complete ChatKit backend on Gemini: the server that the suite stands behind."""

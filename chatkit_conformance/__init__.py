"""The conformance suite and test harness for self-hosted ChatKit backends that run on Gemini."""

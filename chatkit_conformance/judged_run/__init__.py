"""One run, judged. The command, the pytest plugin, ConformanceSuite and `live` are its faces."""

"""pytest's faces of a run: the plugin, its items, and a class to subclass."""

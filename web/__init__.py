"""Pages for people: what runs here, and where."""

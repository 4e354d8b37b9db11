"""Records made at a site: what was seen, solved or raised there, with optional evidence of the place."""

"""Privacy: who looked at what, what is forgotten when, and what the people recorded may ask for."""

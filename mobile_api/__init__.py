"""What phones may ask: one resource a file."""

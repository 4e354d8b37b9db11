"""What headquarters and unit offices may ask: one resource a file."""

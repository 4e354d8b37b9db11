"""Statistics by any measure, and targets of any indicator with how far they are reached."""

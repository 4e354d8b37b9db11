"""What phones send and get, written out by hand: what leaves the house is a decision."""

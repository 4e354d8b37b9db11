"""吹哨报到: problems that somebody raised, the departments they call, what these did, and the clock they are under."""

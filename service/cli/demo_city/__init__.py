"""A recognisable city to click through: Liaocheng's units, invented people, real enterprises, made-up field work."""

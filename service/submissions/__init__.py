"""What phones send: the gate that lets each revision in once, and the shelf for what was not let in."""

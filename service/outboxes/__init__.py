"""What phones still hold: heartbeats, the help list of headquarters, and recalls."""

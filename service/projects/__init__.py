"""Projects, the sites where they are built, stations, and the people who look after them."""

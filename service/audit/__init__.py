"""What happened, by whom: entries that cannot be changed, sealed into a chain that shows if they were."""

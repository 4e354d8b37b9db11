"""What a phone pulls, in commit order: everything its person may see, and everything they may see no longer."""

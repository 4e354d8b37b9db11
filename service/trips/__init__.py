"""外出招商: trips, receptions, online meetings and events as one record each, and what they come to when counted."""

"""What people see and touch: both web apps in a real browser, against a living house."""

"""What a server asks for: its signed requests, their claims, and the string that a log-in signs."""

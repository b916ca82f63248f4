"""The bridge's own child processes, what they may do, and how they are spoken to."""

"""Parsers that a stranger's bytes reach, of the bridge and of the server, under inputs nobody thought of."""

"""Encodings, messages and files: leaves that every room may use."""

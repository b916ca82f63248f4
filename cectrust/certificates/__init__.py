"""Certificates of natural persons: recognised, checked, bound to a user ID after proof of possession (T3)."""

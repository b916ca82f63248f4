"""Jinja templates, installed as the package ``cectrust.templates``: one folder per domain."""

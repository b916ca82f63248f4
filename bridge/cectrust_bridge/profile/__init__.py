"""One person's folder: settings, key stores and kept results."""

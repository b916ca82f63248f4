"""The only SQL of the plugin. Functions take the caller's transaction and never commit."""

"""``cectrust …``: each module is one group of commands; ``cectrust.cli`` puts them together."""

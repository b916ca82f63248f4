"""`python -m cectrust_bridge`."""

from .cli import main

main()

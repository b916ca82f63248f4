"""``python -m cectrust``."""

from cectrust.cli import main

if __name__ == "__main__":
    main()

"""`python -m cectrust_bridge`, the installed program, and how the bridge starts its own processes."""

import os
import sys


def main() -> None:
    """A command of the person, or `child …` of the bridge itself."""
    if sys.stderr is None:  # a program without console has none on Windows
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # as long as the process lives
    if sys.argv[1:2] == ["child"]:
        from . import children

        children.main(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        from . import cli

        cli.main()


if __name__ == "__main__":
    main()

"""`python -m cectrust_bridge`, and how the bridge starts its own processes."""

import sys

if sys.argv[1:2] == ["child"]:
    from . import children

    children.main(sys.argv[2], sys.argv[3], sys.argv[4:])
else:
    from . import cli

    cli.main()

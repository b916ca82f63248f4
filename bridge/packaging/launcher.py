"""The script that PyInstaller freezes; all of it is in the package."""

from cectrust_bridge.__main__ import main

main()

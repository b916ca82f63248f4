"""Plugins that ship with the core and come through the same hooks as everybody else's.

``BUILTIN`` names them; the plugin manager registers each module under its name before the entry points.
"""

from cectrust.builtin import file_store

BUILTIN = {"file_store": file_store}

"""Plugins that ship with the core and come through the same hooks as everybody else's.

``BUILTIN`` names them; the plugin manager registers each module under its name before the entry points.
"""

from cectrust.builtin import file_store, partner_toml, rfc3161, smtp

BUILTIN = {"file_store": file_store, "partner_toml": partner_toml, "rfc3161": rfc3161, "smtp": smtp}

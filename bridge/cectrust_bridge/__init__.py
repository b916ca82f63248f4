"""The CECTRUST signing bridge: shows what is signed, asks for the PIN itself, reaches the token.

The wire protocol is in PROTOCOL.md; nothing here imports the server.
"""

__version__ = "0.1.0"

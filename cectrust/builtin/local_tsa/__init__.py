"""A small time-stamping authority (RFC 3161) for demonstrations and tests: never an accredited one.

A process of its own, ``python -m cectrust.builtin.local_tsa --help``; whoever asks it uses the same client and the
same checks as for any other authority.
"""

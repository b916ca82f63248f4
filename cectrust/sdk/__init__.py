"""All that a plugin may import. Imports nothing else of CECTRUST.

* ``errors``: the one error tree
* ``protocols``: what a plugin implements and what it is handed
* ``hookspecs``: where a plugin registers what it brings
* ``testing``: the contract tests that every implementation passes
"""

from cectrust.sdk.hookspecs import hookimpl

__all__ = ["hookimpl"]

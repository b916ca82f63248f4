"""Parsers of foreign bytes run here: forked for one task, without network, within limits.

A parser that is taken over can use up its own time and memory and lie about its own document, no more: it sees the
files of its task only (where the kernel has Landlock; elsewhere it could read others and empty them, not rename them).
Any engine's function can be run whose arguments and result are plain values (`codec`).
"""

from cectrust.parsing.errors import ParserStopped
from cectrust.parsing.limits import Limits
from cectrust.parsing.pool import ParserPool

__all__ = ["Limits", "ParserPool", "ParserStopped"]

"""Asking for signatures and taking them in. What happens after acceptance is ``cectrust.signing.workflow``.

A signing reads: ``select`` the contracts → ``add_fields`` → ``choices`` of the certificates found → ``choose`` one →
``prepare`` each contract → ``bind_connection`` → ``note_order`` → (the person's bridge) → ``accept`` each document's
result as it comes.
"""

from cectrust.signing.service.accepting import COMPLETE, accept
from cectrust.signing.service.batches import bind_connection, contents, note_order, own_batch, own_request, select
from cectrust.signing.service.choosing import choices, choose
from cectrust.signing.service.preparing import add_fields, prepare, prepared_document

__all__ = [
    "COMPLETE",
    "accept",
    "add_fields",
    "bind_connection",
    "choices",
    "choose",
    "contents",
    "note_order",
    "own_batch",
    "own_request",
    "prepare",
    "prepared_document",
    "select",
]

"""Engine: an append-only Merkle log (RFC 6962/9162) published as C2SP tiles and signed checkpoints.

Pure: values in, values out; it knows no database, no web and no contract.
"""

from cectrust.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from cectrust.tlog.errors import NoteInvalid, ProofInvalid, TlogError, TreeRangeInvalid
from cectrust.tlog.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, merkle_root, node_hash
from cectrust.tlog.note import (
    LocalNoteSigner,
    Note,
    NoteSigner,
    NoteVerifier,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)
from cectrust.tlog.proof import root_from_inclusion, verify_consistency, verify_inclusion
from cectrust.tlog.tiles import (
    ENTRIES,
    Tile,
    decode_entries,
    encode_entries,
    parse_tile_path,
    read_tile,
    split_tile,
    tiles_between,
)
from cectrust.tlog.tree import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Frontier,
    HashReader,
    MemoryTree,
    completed_tiles,
    consistency_proof,
    inclusion_proof,
    tree_root,
)

__all__ = [
    "EMPTY_ROOT",
    "ENTRIES",
    "HASH_SIZE",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Checkpoint",
    "Frontier",
    "HashReader",
    "LocalNoteSigner",
    "MemoryTree",
    "Note",
    "NoteInvalid",
    "NoteSigner",
    "NoteVerifier",
    "ProofInvalid",
    "Tile",
    "TlogError",
    "TreeRangeInvalid",
    "completed_tiles",
    "consistency_proof",
    "decode_entries",
    "encode_entries",
    "inclusion_proof",
    "leaf_hash",
    "merkle_root",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_checkpoint",
    "parse_note",
    "parse_tile_path",
    "parse_vkey",
    "read_tile",
    "root_from_inclusion",
    "sign_checkpoint",
    "sign_note",
    "split_tile",
    "tiles_between",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

"""Trees and proofs against published vectors, a public corpus and properties of random trees."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cectrust.tlog import (
    EMPTY_ROOT,
    Frontier,
    MemoryTree,
    ProofInvalid,
    TreeRangeInvalid,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    merkle_root,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpora" / "merkle"

# Leaves and roots of the certificate-transparency reference implementation, sizes 1 to 8.
REFERENCE_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown_tree(size: int) -> MemoryTree:
    tree = MemoryTree()
    for index in range(size):
        tree.append(index.to_bytes(4, "big"))
    return tree


LARGE = grown_tree(66_100)  # crosses 256 and 65,536, the borders of tile levels 1 and 2


def test_roots_are_those_of_the_reference_implementation() -> None:
    tree = MemoryTree()
    for leaf, root in zip(REFERENCE_LEAVES, REFERENCE_ROOTS, strict=True):
        tree.append(bytes.fromhex(leaf))
        assert tree_root(tree, tree.size).hex() == root


def test_the_empty_tree_has_the_root_of_rfc_9162() -> None:
    assert tree_root(MemoryTree(), 0) == EMPTY_ROOT == merkle_root([])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, 66_100])
def test_a_root_from_tile_levels_is_the_root_of_all_leaves(size: int) -> None:
    assert tree_root(LARGE, size) == merkle_root(LARGE.hashes(0, 0, size))


def test_a_frontier_gives_every_root_on_the_way() -> None:
    frontier = Frontier()
    assert frontier.root == EMPTY_ROOT
    for size in range(1, 600):
        frontier.append_hash(LARGE.hashes(0, size - 1, 1)[0])
        assert frontier.root == tree_root(LARGE, size)


@given(st.data())
def test_every_leaf_has_a_proof_that_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGE.size))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LARGE, index, size)
    verify_inclusion(leaf_hash(index.to_bytes(4, "big")), index, size, proof, tree_root(LARGE, size))


@given(st.data())
def test_a_proof_with_one_changed_bit_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, LARGE.size))
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(LARGE, index, size))
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    proof[at] = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf_hash(index.to_bytes(4, "big")), index, size, proof, tree_root(LARGE, size))


@given(st.data())
def test_a_proof_does_not_verify_for_another_index_or_size(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 600))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda value: value != index))
    proof, root, leaf = (
        inclusion_proof(LARGE, index, size),
        tree_root(LARGE, size),
        LARGE.hashes(0, index, 1)[0],
    )
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, other, size, proof, root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, index, size, [*proof, root], root)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, index, size, proof[:-1], root)


@given(st.data())
def test_every_earlier_tree_is_consistent_with_every_later_one(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, LARGE.size))
    old = data.draw(st.integers(1, new))
    verify_consistency(old, tree_root(LARGE, old), new, tree_root(LARGE, new), consistency_proof(LARGE, old, new))


@given(st.data())
def test_a_rewritten_leaf_is_inconsistent_with_an_earlier_head(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 400))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = MemoryTree()
    for index in range(new):
        rewritten.append(b"rewritten" if index == changed else index.to_bytes(4, "big"))
    with pytest.raises(ProofInvalid):
        verify_consistency(
            old, tree_root(LARGE, old), new, tree_root(rewritten, new), consistency_proof(rewritten, old, new)
        )


def test_what_is_outside_the_tree_has_no_proof() -> None:
    for index, size in [(-1, 3), (3, 3), (0, 0), (0, LARGE.size + 1)]:
        with pytest.raises(TreeRangeInvalid):
            inclusion_proof(LARGE, index, size)
    for old, new in [(0, 3), (4, 3), (-1, 2)]:
        with pytest.raises(TreeRangeInvalid):
            consistency_proof(LARGE, old, new)


def corpus_cases(kind: str) -> list[Path]:
    return sorted((CORPUS / kind).rglob("*.json"))


def decoded(value: str) -> bytes:
    return base64.b64decode(value)


def refuses(case: dict[str, object], kind: str) -> bool:
    proof = [decoded(node) for node in case["proof"] or []]
    try:
        if kind == "inclusion":
            leaf, root = decoded(case["leafHash"]), decoded(case["root"])
            verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
        else:
            old, new = decoded(case["root1"]), decoded(case["root2"])
            verify_consistency(case["size1"], old, case["size2"], new, proof)
    except ProofInvalid:
        return True
    return False


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public Merkle proof corpus is not beside this checkout")
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_public_corpus_is_judged_as_it_says(kind: str) -> None:
    cases = [(path, json.loads(path.read_text())) for path in corpus_cases(kind)]
    assert len(cases) == 98
    wrong = [str(path) for path, case in cases if refuses(case, kind) != case["wantErr"]]
    assert wrong == []

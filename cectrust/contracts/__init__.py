"""Contracts: one deal between companies, its documents, parties, consent and history."""

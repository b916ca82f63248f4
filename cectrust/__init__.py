"""CECTRUST: self-hosted electronic contracts, signed with one's own token and provable for decades."""

__version__ = "0.1.0"

"""Keeping originals (原本保管) and proving that they are the originals (原本性証明書)."""

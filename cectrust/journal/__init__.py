"""Append-only, hash-chained record of every act; the outbox is read from it."""

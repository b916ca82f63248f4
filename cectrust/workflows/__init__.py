"""Durable execution behind one small interface: register, enqueue in a transaction, run a worker."""

"""From the socket to a method: who may connect, from where, and how many."""

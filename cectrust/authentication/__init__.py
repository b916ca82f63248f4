"""Proving with a certificate on a token who one is: at the log-in, and before dangerous acts."""

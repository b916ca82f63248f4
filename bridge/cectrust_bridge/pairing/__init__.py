"""How a bridge and a server know each other: identity, one-time code, and the book of paired servers."""

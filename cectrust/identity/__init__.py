"""Who people and companies are, how they sign in, and what they may do."""

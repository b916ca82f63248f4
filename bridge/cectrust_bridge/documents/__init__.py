"""What is to be signed: received, sealed, located in and shown."""

"""The path of one signature: connection, request, the user's machine, acceptance, completion."""

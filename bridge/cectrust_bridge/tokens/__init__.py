"""Where the keys are. One single-threaded process per PKCS#11 module; the PIN goes there and nowhere else."""

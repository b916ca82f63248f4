"""Updates: what a signed manifest says, and that it is neither forged, stale nor a step back. Nothing here installs."""

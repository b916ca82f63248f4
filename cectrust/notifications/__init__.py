"""Telling people what happened: learnt from the journal, delivered by the configured notifiers."""

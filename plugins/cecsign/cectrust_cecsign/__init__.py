"""CECSIGN: the certification service of CECTRUST, as a plugin that imports only ``cectrust.sdk``."""

"""One signing: from received documents to results that are kept."""

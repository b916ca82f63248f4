"""The keys role: a process of its own that signs for web and worker, which hold no key."""

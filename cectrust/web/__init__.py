"""App-wide web furniture: transactions, sessions, guards, errors, headers, languages. No domain knows of it but
through ``cectrust.web.request`` and the templates' macros.
"""

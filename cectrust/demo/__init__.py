"""A demonstration on one machine: two fictitious companies, a test CA and TSA, a mail catcher and two bridges.

Nothing in it is for service: every certificate and timestamp is 認定外（試験用）, PINs and passwords are printed.
The CA and the bridges are other distributions; the demonstration only runs their commands.
"""

"""What all connections share: the one desk where one person sits, what is asked there, and the main window."""

"""The windows (tkinter), each in a process of its own: what the bridge asks, and its main window."""

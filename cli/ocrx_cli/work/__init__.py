"""What the commands do. The command NAME has its work in the module, or the folder, NAME.

Nothing here knows how a command line is parsed: what a user typed comes in as plain arguments.
"""

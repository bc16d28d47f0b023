"""What the commands do. The work of the command NAME is in the module, or the folder, NAME.

Nothing here knows how a command line is parsed. What a user typed comes in as plain arguments.
"""

"""The command line `ocrx`.

`commands` holds what a user types, `work` what each command does. Below both, `shared` is what
several commands do alike, `options` are options that several commands have, and `terminal` is how
ocrx talks to a person.
"""

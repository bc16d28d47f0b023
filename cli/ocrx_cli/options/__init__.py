"""Options that several commands have, and what options may be given."""

"""What codes look like: regular expressions, their automata, check digits, and known patterns."""

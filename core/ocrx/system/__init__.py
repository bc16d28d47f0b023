"""The machine below us: files and locks, memory, processors, text that is safe to print."""

"""Finding a model's files: in installed packages, in the cache, by download."""

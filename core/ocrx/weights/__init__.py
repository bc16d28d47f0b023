"""Where a model's files come from: installed packages, the cache, downloads."""

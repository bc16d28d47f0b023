"""The search for the fastest settings that read as well."""

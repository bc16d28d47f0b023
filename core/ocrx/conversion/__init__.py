"""Converting models from the format they are published in to one that a runtime takes."""

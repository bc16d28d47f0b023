"""From the format a model is published in to the one a runtime takes."""

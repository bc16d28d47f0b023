"""How datasets lie on disk: one module per format, each with `load` and what tells it apart."""

"""The layout of a page: the geometry of its lines, and the order in which a person reads them."""

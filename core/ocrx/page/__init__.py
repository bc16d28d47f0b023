"""What is on a page: the geometry of its lines, and the order in which a person reads them."""

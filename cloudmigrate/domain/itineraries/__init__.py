"""Itineraries: what a plan says of a resource, as the steps that bring it about. Pure compilers; the same input gives the same steps."""

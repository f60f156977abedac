"""Which Taylor coefficients a request needs, and the graph that computes them."""

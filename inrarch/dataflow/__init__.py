"""From an optimized derivative graph to a network of processes and streams under a board's resources."""

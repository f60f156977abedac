"""C++ generation: kernels of  instantiated and wired."""

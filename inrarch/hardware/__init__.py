"""C++ generation: kernels of `kernel_lib/` instantiated and wired."""

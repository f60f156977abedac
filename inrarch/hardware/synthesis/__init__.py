"""Resources of the generated hardware, by open synthesis."""

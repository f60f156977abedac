"""Process networks to size FIFOs of: each module makes `network.json` content (DESIGN.md 7), the same every time."""

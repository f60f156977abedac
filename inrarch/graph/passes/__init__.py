"""The optimizer: one pass per file, their order in `pipeline.py`; `editor.py` and `patterns.py` are what passes share."""

"""The optimizer: one pass per file, their order in `pipeline.py`; passes share `editor.py` and `patterns.py`."""

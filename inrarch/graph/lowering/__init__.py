"""Lowerings: operators written with those that hardware has. One file each; `pipeline.py` has their order."""

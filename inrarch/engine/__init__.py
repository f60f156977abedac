"""Stages to doit tasks: fingerprints, artefact store, runs. The only package that imports doit."""

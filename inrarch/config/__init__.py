"""YAML to checked, frozen dataclasses; a project's matrix to variants."""

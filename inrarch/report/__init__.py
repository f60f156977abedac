"""The offline HTML page and the flat  of a build."""

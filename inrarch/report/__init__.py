"""The offline HTML page and the flat `report.json` of a build."""

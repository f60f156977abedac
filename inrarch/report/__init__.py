"""The report of one variant: `report.json` for programs and `index.html` for people."""

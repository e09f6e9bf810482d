"""Moves the data of the old system (JSON files in one folder) into this one. See docs/implantacao.md."""

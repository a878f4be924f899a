"""The documentation site: the pages of docs/, and the reference that the code itself gives."""

"""The apps of Parlor. pyproject.toml says which of them may use which."""

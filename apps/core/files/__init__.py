"""Stored files. `storage` writes and reads them, `downloads` serves them, `quota` counts them."""

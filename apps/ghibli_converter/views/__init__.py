"""The pages of pictures and their forms: one module for each kind of page."""

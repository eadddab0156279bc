"""The types of settings: what each allows, and how a fault in it is told."""

"""What is added to CommonMark: one module for each rule. `parser` puts them together."""

"""Formulas in LaTeX as MathML. The door is `converter`."""

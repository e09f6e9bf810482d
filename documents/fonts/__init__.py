"""Typefaces of our own; `make.py` makes them."""

FAMILY = "Sinal Substituto"

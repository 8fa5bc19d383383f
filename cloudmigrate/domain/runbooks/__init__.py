"""Runbooks: the human pages of a plan, built from the same steps that are explained, carried out and taken back."""

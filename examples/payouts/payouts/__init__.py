"""Payouts, and the statements of them."""

"""Payouts and their statements."""

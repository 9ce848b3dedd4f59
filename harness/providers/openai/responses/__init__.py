"""Responses: what is asked, what is answered whole or in events, and what is kept of it."""

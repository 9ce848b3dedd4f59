"""What somebody with bad intentions may try, and what becomes of it."""

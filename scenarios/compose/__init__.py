"""The whole deployment by docker compose, as the README shows it."""

"""Responses: the request, the answer as a whole or in events, and the stored responses."""

"""The declaration for a platform: services, variables and references, their export, and `audit/`.

Imports `application` and `base`; nothing here starts anything. Begin with `program.py`, then `declaration.py`.
"""

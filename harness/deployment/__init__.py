"""What is declared for a platform: services, variables and references, their export, and `audit/`.

Imports `base`; nothing here starts anything. Begin with `declaration.py`.
"""

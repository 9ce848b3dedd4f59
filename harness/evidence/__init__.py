"""What is recorded of a scenario, and who judges it: journal, task events, logs, redaction, and `checks/`.

Imports `base`; nothing here touches a running stack. Begin with `evidence.py`.
"""

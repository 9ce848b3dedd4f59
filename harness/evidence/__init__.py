"""What is recorded of a scenario, and who judges it: journal, task events, logs, ledger, redaction, and `checks/`.

Imports `application` and `base`; nothing here touches a running stack. Begin with `evidence.py`.
"""

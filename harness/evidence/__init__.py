"""The records of a scenario and their judges: journal, task events, logs, ledger, redaction, and `checks/`.

Imports `application` and `base`; nothing here touches a running stack. Begin with `evidence.py`.
"""

"""The product's declaration for the harness: client, ledger, checks, audit rules, author, secrets, benchmarks."""

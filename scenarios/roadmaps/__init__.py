"""The product as the harness is told of it: client, ledger, checks, audit rules, author, secrets, benchmarks."""

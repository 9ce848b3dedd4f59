"""Load tests: arrivals, records, a queueing model, checks, a verdict and its report; an application declares its own by `LoadTest`.

Imports `stack`, `substrates` and what is below; the Locust process sees `locust/` alone. Begin with `declaration.py` and `verdict.py`.
"""

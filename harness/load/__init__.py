"""Load tests: arrivals, what they showed, a queueing model, checks, a verdict and its report, told of an application by `LoadTest`.

Imports `stack`, `substrates` and what is below; the Locust process sees `locust/` alone. Begin with `declaration.py` and `verdict.py`.
"""

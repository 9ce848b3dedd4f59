"""Changes one thing at a time in the declared sources, and plays the tests that reach it: a change that none notices is not tested.

Falsehoods are another thing: they are written by hand for an application's statements, and each has its check. Mutants are drawn.
"""

"""One thing at a time of the declared sources is changed, and the tests that reach it are played: what they do not notice, nothing holds.

Falsehoods are another thing: those of one application's statements are written by hand, and each has its check. These are drawn.
"""

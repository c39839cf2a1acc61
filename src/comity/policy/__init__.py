"""The law as checked data: facts, expressions, norms, authority, library.

In: what ``comity.language`` lowered.  Out: frozen values that every reading of the law reads (today: ``decide``).
Nothing here imports anything outside the standard library, holds a Python callable, or knows who asks.
"""

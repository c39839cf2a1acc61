"""Proofs with everything around them: counter-examples that the other readings confirm, stories, memos.

This room wires ``prove`` to ``decide`` and ``audit``, which do not know each other.
"""

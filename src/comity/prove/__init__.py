"""The third reading of the law: every possible case.

Conditions become formulas of Z3 over the facts of *one* case that is left open; what the law then says is asked for all
of them at once.  Needs the extra ``prove``.  This room knows ``policy`` and below, and neither of the other readings.
"""

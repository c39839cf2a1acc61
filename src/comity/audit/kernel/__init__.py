"""Compiled loops for the columnar engine: the extra ``comity[speed]``."""

from comity.audit.kernel.engine import CompiledColumns

__all__ = ["CompiledColumns"]

"""Mapping files, and the mappings that come with the package."""

from comity.audit.mappings.file import builtin_mappings, load_mapping, read_mapping

__all__ = ["builtin_mappings", "load_mapping", "read_mapping"]

"""The files an audit writes: decisions, findings, rejected records, the cases behind findings, and the manifest."""

from comity.audit.outputs.files import Outputs

__all__ = ["Outputs"]

"""Audits put together: records, law, an engine and the files that come out.  Knows the one-case engine too."""

from comity.auditing.assignment import Assignment
from comity.auditing.engines import ENGINES, engine
from comity.auditing.onecase import OneCase
from comity.auditing.run import AuditStopped, Result, audit

__all__ = ["ENGINES", "Assignment", "AuditStopped", "OneCase", "Result", "audit", "engine"]

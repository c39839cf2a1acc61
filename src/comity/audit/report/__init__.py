"""The report of an audit: one HTML file with its charts and tables.  Needs the extra ``audit``."""

from comity.audit.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]

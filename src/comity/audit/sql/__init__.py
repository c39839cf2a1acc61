"""The columnar plan as SQL: what ``audit/warehouse.py`` runs on DuckDB and PySpark, and prints for other warehouses."""

"""Where records come from: text tables, Parquet, workbooks, databases."""

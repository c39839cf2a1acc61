"""Records read by a mapping: cells to facts, records to cases."""

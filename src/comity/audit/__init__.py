"""A million cases: the same law over tables of records.  Needs the extra ``audit`` (numpy, pyarrow)."""

"""The `detainer-CA` workload: a small cut of the law, put to many engines."""

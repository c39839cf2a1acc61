"""Made-up records for demonstrations and benchmarks, plainly marked as such; docs/sample.md describes the layouts."""

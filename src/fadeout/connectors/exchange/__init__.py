"""The exchange format: folders and zips of CSV or Parquet."""

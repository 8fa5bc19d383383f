"""The only room that knows duckdb and pyarrow: Parquet datasets, views over them, SQL."""

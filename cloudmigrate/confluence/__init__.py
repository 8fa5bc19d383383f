"""Confluence: pages found, made and brought up to date by its REST API. The only importer of an HTTP client beside Prefect's own."""

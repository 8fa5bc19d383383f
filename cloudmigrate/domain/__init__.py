"""Pure rules and computation: no I/O, no clock, no environment, no Prefect."""

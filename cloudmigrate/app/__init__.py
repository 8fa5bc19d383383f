"""The top floor: entry points for people and scripts. Nobody imports it."""

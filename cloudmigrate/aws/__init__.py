"""The only room that talks to AWS: catalogue, sessions, discovery, metrics."""

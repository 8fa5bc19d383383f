"""Infrastructure as code of the target: one model of what is to be there, with where each attribute comes from. No text yet."""

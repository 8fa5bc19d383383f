"""Infrastructure as code as text: HCL, YAML, and the table that says where each attribute comes from."""

"""What is checked before a wave writes anything: questions to the cloud, and verdicts over their answers. Pure."""

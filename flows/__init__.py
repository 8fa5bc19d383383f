"""When: order and gates. One deployable flow per file."""

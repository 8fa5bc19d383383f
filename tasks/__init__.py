"""With what care: effects that Prefect must see."""

"""Git, by the git executable: the only room that starts it."""

"""A planned estate with runbooks to write: two servers in one wave, a web server with a hostile name in front of a database server."""

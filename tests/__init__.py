"""The tests; a package so that they can share `picture_host`."""

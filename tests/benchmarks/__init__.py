"""Measurements that are run by hand; pytest does not collect them."""

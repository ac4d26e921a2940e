"""Tests of the pretend store and the pretend image hosts, over real connections."""

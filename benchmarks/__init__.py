"""Large campaigns and measurements; `make long` runs the campaigns in full."""

"""A simulated year of a provider: requests, people who answer or do not, and a reading of all that is left of it."""

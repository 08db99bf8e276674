"""Record linkage: deterministic by keys, then probabilistic, with error rates."""

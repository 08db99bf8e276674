"""Which records of several sources are one person: by agreeing keys first, then by probability, with error rates."""

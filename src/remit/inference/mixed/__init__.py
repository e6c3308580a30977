"""Mixed-effects fitting of a user's own people: event tables, models, likelihoods, fits and their diagnostics."""

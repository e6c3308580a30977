"""Dose to concentration: published models run by one closed-form engine. JAX starts here."""

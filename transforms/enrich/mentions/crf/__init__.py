"""The statistical recogniser: a conditional random field over hashed features. `recogniser` says how it works."""

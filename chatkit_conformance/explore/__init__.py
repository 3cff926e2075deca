"""Exploring: conversations are drawn and held until a budget is over; what breaks is shrunk and told."""

"""Regulars: client relationships, read from the sales files a business has."""

__version__ = "0.1.0"

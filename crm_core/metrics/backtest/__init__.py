"""Which rule of goodbye to believe: every rule tried on days gone by, and held against the truth.

Nothing here sees past its cut but the truth itself (``docs/methods.md``, backtest).
"""

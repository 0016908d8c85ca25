"""Killed at random moments: ``python -m benchmarks.faults``.

A child process does a piece of work on a prepared database and is killed (SIGKILL) at
a moment drawn uniformly from the time the work takes. What it leaves behind must open,
pass every check, and be exactly what was there before or exactly what would have been
there after; doing the work again must lead there.
"""

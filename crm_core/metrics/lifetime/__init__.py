"""How often clients will come again and what that is worth: probability models of buying.

Each model is fitted by maximum likelihood to counts of clients who are alike, carries
its time unit, and says in words where the data cannot support it. SciPy is imported only
by the modules that fit or integrate; :mod:`~crm_core.metrics.lifetime.chances` is plain
NumPy.
"""

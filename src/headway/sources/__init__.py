"""Public sources: a declaration and one parse per source, and the formats others use.

The only place that fetches public data. A parse reports what a body states and interprets nothing:
names, units and dates stay as the source has them; ``tables`` harmonises.
"""

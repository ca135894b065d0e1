"""From what sources state to rows of the tables: names, tests, units, tellers, dates, repeats.

Nothing is guessed. A claim becomes a row only where a committed table says which test it is and the
registry says which model; what does not is listed with the reason.
"""

from headway.tables.harmonise.account import OUTCOMES, Outcome
from headway.tables.harmonise.update import Body, Updated, harmonise

__all__ = ["OUTCOMES", "Body", "Outcome", "Updated", "harmonise"]

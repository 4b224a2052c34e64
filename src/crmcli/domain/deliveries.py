"""What the outbox says of a delivery that nobody can know the end of: it may have arrived, and is sent again the same.

How things are delivered is the business of the services.
"""

UNKNOWN = "unknown whether it was sent"  # the connection broke off after all was said, or the sender died
DOUBTFUL = f"LIKE '{UNKNOWN}%'"  # what the reason of a row is then, in SQL; later failures stand behind

"""Ground floor: database, time, place, money and text, with no noun of the business in it."""

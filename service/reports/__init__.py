"""What headquarters sends out: drafted from figures that open their records, edited by people, signed, numbered, kept."""

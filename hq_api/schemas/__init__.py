"""What headquarters sends and gets; unknown fields are refused."""

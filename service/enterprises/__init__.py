"""The register of enterprises: who may be visited, under which names, on which lists."""

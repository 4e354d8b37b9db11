"""Door frames: who may come in, one transaction a request, one shape for every refusal."""

"""posts -> story -> verdict -> update."""

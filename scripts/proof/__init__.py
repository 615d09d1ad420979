"""What proves the product from outside its own code: calls, callers, examples and hostile input."""

"""What can be known of the Bicep templates without the compiler and without Azure."""

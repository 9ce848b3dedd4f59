"""What must hold of the product's deployment."""

"""The container engine of this machine, and the images that stacks are made of."""

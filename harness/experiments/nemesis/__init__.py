"""Random faults under an open load; everything is judged after the last heal. The seed decides what happens when."""

: # nothing is done on the way out

"""Data to train on and to test with: simulated and real event recordings, images, and how they become arrays."""

"""Disks that are full, gone, read-only or broken, and clocks that are wrong."""

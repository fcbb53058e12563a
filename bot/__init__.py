"""Milepost: a live desk in a box; see README.md."""

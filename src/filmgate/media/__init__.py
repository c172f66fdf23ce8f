"""Looking into and cutting film, with PyAV and Pillow."""

"""Places beyond a local folder: addresses, objects through fsspec, verified local copies."""

"""What ``tools/build_deploy.py`` is made of: tables from raw files, the fit and its study."""

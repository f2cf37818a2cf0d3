"""A strict local AWS ECR for acceptance tests and demos. main.py starts it; README.md, one folder
up, says how to use it."""

"""The service over HTTP. Its modules need FastAPI throughout."""

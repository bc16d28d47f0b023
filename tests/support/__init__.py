"""What several tests share: doubles, files made for a test, servers."""

"""Where messages go: standard output, a file, a webhook or a broker of MQTT."""

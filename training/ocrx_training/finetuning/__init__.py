"""Training recognisers that exist on other pictures: `ocrx train --from`."""

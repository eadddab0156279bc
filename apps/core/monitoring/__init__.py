"""Log lines, metrics and error reports. Other packages count by `metrics`."""

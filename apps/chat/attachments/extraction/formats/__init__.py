"""One module for each format of documents; `worker` chooses among them."""

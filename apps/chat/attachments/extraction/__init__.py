"""Reading the text of documents, in a process of its own. `worker` is that process."""

"""What all apps share: text, forms, errors, the database, files, the cache, monitoring."""

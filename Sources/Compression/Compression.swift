// The Compression module.

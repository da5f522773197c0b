// Tests of Metadata.

// Tests of Bytes.

// Tests of Timing.

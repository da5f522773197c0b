// Tests of Controller.

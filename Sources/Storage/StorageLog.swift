import Telemetry

/// Where this module tells what it found and did.
let storageLog = Log("Storage")

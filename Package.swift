// swift-tools-version: 6.2
import PackageDescription

// The floors of the house. A target may import only what its dependency list names; the build runs with
// `--explicit-target-dependency-import-check error`, so moving a wall is an edit of this file.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    // Hot primitives (cursors, writers) cross module borders; without the first each call costs ten times as much.
    // Overlapping accesses are found by the tests, which run with the checks of a debug build.
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

// swift-format-ignore
let floors: [Target] = [
    // 0  C libraries and what the Glibc module does not export.
    .target(name: "CLinux"),
    .target(name: "CCRC32C", cSettings: [.unsafeFlags(["-O3"])]),
    .systemLibrary(name: "CZstd",   pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4",    pkgConfig: "liblz4",  providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy",  providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CZlib",   pkgConfig: "zlib",    providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZooKeeper",                      providers: [.apt(["libzookeeper-mt-dev"])]),

    // 0  Memory, system calls, time, and telling what happens.
    .swift("Bytes"),
    .swift("Posix",     ["CLinux"]),
    .swift("Timing"),
    .swift("Telemetry", ["Posix", "Timing"]),
    // Regular expressions, for names and for text.
    .swift("Patterns"),

    // 1  Kafka's words, wire and records; settings; sockets.
    .swift("KafkaModel",    ["Bytes"]),
    .swift("KafkaProtocol", ["Bytes", "KafkaModel"]),
    .swift("Compression",   ["Bytes", "CZstd", "CLZ4", "CSnappy", "CZlib"]),
    .swift("KafkaRecords",  ["Bytes", "KafkaModel", "Compression", "CCRC32C"]),
    .swift("Configuration", ["KafkaModel"]),
    .swift("Network",       ["Bytes", "Posix", "Timing", "Telemetry", "CLinux"]),

    // The archive, as a shared library of its own would be loaded at every start of every command.
    .swift("ZooKeeper",     ["Posix", "Timing", "CLinux", "CZooKeeper"], linked: [":libzookeeper_mt.a"]),

    // 2  What is kept.
    .swift("Storage",  ["Bytes", "Posix", "Timing", "Telemetry", "KafkaModel", "KafkaRecords", "Compression"]),
    // The metadata log is a partition directory like any other, so its store writes it with Storage.
    .swift("Metadata", ["Bytes", "Posix", "Timing", "Telemetry", "KafkaModel", "KafkaProtocol", "KafkaRecords", "Storage"]),

    // What is kept of a password. It asks the system's libcrypto, and only when there is something to ask.
    .swift("Security"),

    // 3  Decisions.
    .swift("Controller",  ["Bytes", "Timing", "Patterns", "KafkaModel", "KafkaProtocol", "Configuration", "Metadata",
                           "Security"]),
    .swift("Replication", ["Timing", "KafkaModel"]),
    // A coordinator's state is rebuilt from the records of its log; who appends and reads them is not its business.
    .swift("Coordination",     ["Bytes", "Timing", "KafkaModel", "KafkaProtocol"]),
    .swift("GroupCoordinator", ["Bytes", "Timing", "Patterns", "KafkaModel", "KafkaProtocol", "Configuration", "Metadata",
                                "Coordination"]),

    // 4  The broker.
    .swift("Broker", ["Bytes", "Posix", "CLinux", "Timing", "Telemetry", "KafkaModel", "KafkaProtocol", "KafkaRecords",
                      "Compression", "Configuration", "Network", "Storage", "Metadata", "Controller", "Replication",
                      "Coordination", "GroupCoordinator"]),

    // 4  The other end: what the tools ask a cluster with. It knows no broker and no log.
    .swift("KafkaClient", ["Bytes", "Posix", "CLinux", "Timing", "KafkaModel", "KafkaProtocol", "KafkaRecords",
                           "Compression", "Configuration", "Security"]),

    // 5  The command line.
    .swift("CommandLine", ["Bytes", "Posix", "CLinux"]),
    .swift("Commands",    ["Bytes", "Patterns", "Posix", "CLinux", "Timing", "Telemetry", "KafkaModel", "Configuration", "CommandLine",
                           "KafkaProtocol", "KafkaRecords", "Compression", "Storage", "Metadata", "KafkaClient", "ZooKeeper",
                           "Security", "Broker"]),

    // 6  argv -> command.
    .executableTarget(name: "skafka", dependencies: ["Commands"], swiftSettings: settings),
]

// swift-format-ignore
let tests: [Target] = [
    .target(name: "TestSupport", dependencies: ["Bytes", "Posix", "Timing"], path: "Tests/Support", swiftSettings: settings),
    .tests("Bytes",         []),
    .tests("Posix",         []),
    .tests("Timing",        []),
    .tests("Telemetry",     ["Timing"]),
    .tests("Patterns",      []),
    .tests("KafkaModel",    ["Bytes"]),
    .tests("KafkaProtocol", ["Bytes", "KafkaModel"], exclude: ["Fixtures"]),
    .tests("Compression",   ["Bytes"]),
    .tests("KafkaRecords",  ["Bytes", "KafkaModel", "Compression", "CCRC32C"], exclude: ["Fixtures"]),
    .tests("Configuration", ["KafkaModel"]),
    .tests("Network",       ["Bytes", "Posix", "Timing", "Telemetry", "CLinux"]),
    .tests("ZooKeeper",     ["Timing", "CLinux"]),
    .tests("Storage",       ["Bytes", "Posix", "Timing", "KafkaModel", "KafkaRecords", "Compression"],
           exclude: ["Fixtures"]),
    .tests("Metadata",      ["Bytes", "Posix", "Timing", "KafkaModel", "KafkaProtocol", "KafkaRecords", "Storage"],
           exclude: ["Fixtures"]),
    .tests("Security",      []),
    .tests("Controller",    ["Bytes", "Timing", "KafkaModel", "KafkaProtocol", "Configuration", "Metadata", "Security"]),
    .tests("Replication",   ["Timing", "KafkaModel"]),
    .tests("Coordination",  ["Bytes", "Timing", "KafkaModel", "KafkaProtocol"]),
    .tests("GroupCoordinator", ["Bytes", "Timing", "Patterns", "KafkaModel", "KafkaProtocol", "Configuration", "Metadata",
                                "Coordination"]),
    .tests("Broker",        ["Bytes", "Posix", "Timing", "KafkaModel", "KafkaProtocol", "KafkaRecords", "Configuration",
                             "Network", "Storage", "Metadata", "Controller", "Telemetry", "Compression", "Coordination",
                             "GroupCoordinator"],
           exclude: ["Fixtures"]),
    .tests("KafkaClient",   ["Bytes", "CLinux", "Posix", "Timing", "KafkaModel", "KafkaProtocol", "KafkaRecords",
                             "Compression", "Configuration", "Security"]),
    .tests("CommandLine",   ["Bytes", "Posix"]),
    .tests("Commands",      ["Bytes", "CommandLine", "CLinux", "Posix", "Configuration", "Metadata", "Storage", "Timing",
                             "KafkaModel", "KafkaProtocol", "KafkaRecords", "Compression", "KafkaClient", "ZooKeeper",
                             "Security"],
           exclude: ["Fixtures"]),
    .executableTarget(
        name: "fuzz", dependencies: ["Bytes", "CLinux", "KafkaModel", "KafkaProtocol", "Compression", "KafkaRecords"],
        path: "Tests/Fuzz", swiftSettings: settings),
]

extension Target {
    static func swift(_ name: String, _ dependencies: [String] = [], linked libraries: [String] = []) -> Target {
        .target(
            name: name,
            dependencies: dependencies.map { .byName(name: $0) },
            swiftSettings: settings,
            linkerSettings: libraries.map { .linkedLibrary($0) })
    }

    static func tests(_ module: String, _ more: [String], exclude: [String] = []) -> Target {
        .testTarget(
            name: "\(module)Tests",
            dependencies: ([module, "TestSupport"] + more).map { .byName(name: $0) },
            path: "Tests/\(module)Tests",
            exclude: exclude,
            swiftSettings: settings)
    }
}

let package = Package(
    name: "skafka",
    products: [.executable(name: "skafka", targets: ["skafka"])],
    targets: floors + tests,
    swiftLanguageModes: [.v6])

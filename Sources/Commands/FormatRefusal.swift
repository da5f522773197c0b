/// Why a directory cannot be formatted. The words are Kafka's where Kafka refuses the same.
struct FormatRefusal: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

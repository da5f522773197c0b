/// Looking into a value that was read.
extension StructuredValue {
    /// A member of an object; the last one where several have the name.
    public subscript(_ name: String) -> StructuredValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    public var elements: [StructuredValue]? { if case .list(let elements) = self { elements } else { nil } }
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var integer: Int64? { if case .int(let number) = self { number } else { nil } }
    public var isObject: Bool { if case .object = self { true } else { false } }
}

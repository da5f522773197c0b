public import Metadata

/// What the controller decided: the records that make it so, and what to tell about each item of the request, in the
/// order of the request.
public struct Decision<Item: Sendable>: Sendable {
    public var records: [MetadataRecord]
    public var items: [Item]

    public init(records: [MetadataRecord] = [], items: [Item] = []) {
        self.records = records
        self.items = items
    }
}

/// Whether a request wants the change or only wants to know whether it could be had.
public enum Intent: Sendable {
    case change
    case validateOnly
}

extension Decision {
    func carried(out intent: Intent) -> Decision {
        switch intent {
        case .change: self
        case .validateOnly: Decision(items: items)
        }
    }
}

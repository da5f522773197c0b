/// What most of Kafka's tools check after parsing, in their words.
extension Arguments {
    /// `Missing required argument "[name]"`.
    public func require(_ names: String...) throws(UsageError) {
        for name in names where !has(name) { throw UsageError("Missing required argument \"[\(name)]\"") }
    }

    /// Exactly one of the options that say what to do, which is returned.
    ///
    /// - Parameter list: how the tool lists them, where it is not `--a, --b`.
    @discardableResult
    public func requireOneAction(_ names: [String], saying list: String? = nil) throws(UsageError) -> String {
        let given = names.filter(has)
        guard let action = given.first, given.count == 1 else {
            let list = list ?? names.map { "--\($0)" }.joined(separator: ", ")
            throw UsageError("Command must include exactly one action: \(list)")
        }
        return action
    }

    /// Exactly one of the options, which is returned.
    @discardableResult
    public func requireOne(of names: [String]) throws(UsageError) -> String {
        let given = names.filter(has)
        guard let name = given.first, given.count == 1 else {
            let list = names.map { "[\($0)]" }.joined(separator: ", ")
            throw UsageError("Exactly one of the following arguments is required: \(list)")
        }
        return name
    }

    /// `Option "[name]" can't be used with option "[other]"`.
    public func refuse(_ name: String, with others: String...) throws(UsageError) {
        try refuse(name, with: others)
    }

    public func refuse(_ name: String, with others: [String]) throws(UsageError) {
        guard has(name) else { return }
        for other in others where has(other) {
            throw UsageError("Option \"[\(name)]\" can't be used with option \"[\(other)]\"")
        }
    }

    /// The same for options that exclude others only when all of them are given.
    ///
    /// - Parameter remark: what the tool adds to the message.
    public func refuse(
        combination names: [String], with others: [String], remark: String = ""
    ) throws(UsageError) {
        guard names.allSatisfy(has) else { return }
        for other in others where has(other) {
            let list = names.map { "[\($0)]" }.joined(separator: ", ")
            throw UsageError("Option combination \"[\(list)]\" can't be used with option \"[\(other)]\"\(remark)")
        }
    }
}
